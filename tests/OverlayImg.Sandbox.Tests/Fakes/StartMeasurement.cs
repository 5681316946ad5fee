using System.Diagnostics;
using System.Globalization;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Tests.Guests;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Fakes;

/// <summary>Measures what a guest costs: <c>measure RUNS PARENTS...</c> prints the time to READY, and the phases of an empty job with so many parent disks.</summary>
internal static class StartMeasurement
{
    public const string Command = "measure";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var numbers = arguments.Select(argument => int.Parse(argument, CultureInfo.InvariantCulture)).ToArray();
        using var directory = new TemporaryDirectory();
        foreach (var parents in numbers.Skip(1))
        {
            string[] disks = [.. Enumerable.Range(0, parents).Select(index => TestGuest.Parent(directory[$"parent-{index}.ext4"], ("file", $"{index}\n")))];
            for (var run = 0; run < numbers[0]; run++)
            {
                var started = Stopwatch.GetTimestamp();
                await using var guest = await TestGuest.StartAsync(directory.Path);
                using var log = new MemoryStream();
                JobResult result;
                try
                {
                    result = await guest.RunAsync(TestGuest.Job(directory.Path, "cat /file", disks), log, null, CancellationToken.None);
                }
                catch (OverlayImgException exception)
                {
                    Console.WriteLine($"{parents} parents: {exception.Describe()}");
                    continue;
                }

                var phases = string.Join(", ", result.Phases.Select(phase => $"{phase.Name} {Seconds(phase.Duration)}"));
                Console.WriteLine($"{parents} parents: READY {Seconds(guest.TimeToReady)}, plugged {Seconds(result.PluggingTime)}, {phases}, all {Seconds(Stopwatch.GetElapsedTime(started))}");
            }
        }

        return 0;
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
}
