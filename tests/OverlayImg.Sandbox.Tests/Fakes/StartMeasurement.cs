using System.Diagnostics;
using System.Globalization;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Tests.Guests;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Fakes;

/// <summary>
/// Measures a guest: <c>measure RUNS PARENTS...</c> prints the time to READY and the phases of a small job, for each number of parent disks.
/// </summary>
internal static class StartMeasurement
{
    public const string Command = "measure";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var numbers = arguments.Select(argument => int.Parse(argument, CultureInfo.InvariantCulture)).ToArray();
        using var directory = new TemporaryDirectory();
        foreach (var parents in numbers.Skip(1))
        {
            var disks = TestGuest.Parents(directory, parents);
            for (var run = 0; run < numbers[0]; run++)
            {
                var started = Stopwatch.GetTimestamp();
                await using var guest = await TestGuest.StartAsync(directory.Path);
                using var log = new MemoryStream();
                JobResult result;
                try
                {
                    result = await guest.RunAsync(TestGuest.Job(directory.Path, "cat /which", disks), log, null, CancellationToken.None);
                }
                catch (OverlayImgException exception)
                {
                    Console.WriteLine($"{parents} parents: {exception.Describe()}");
                    continue;
                }

                var phases = string.Join(", ", result.Phases.Select(phase => $"{phase.Name} {Seconds(phase.Duration)}"));
                var (ready, plugged, all) = (Seconds(guest.TimeToReady), Seconds(result.PluggingTime), Seconds(Stopwatch.GetElapsedTime(started)));
                Console.WriteLine($"{parents} parents: READY {ready}, plugged {plugged}, {phases}, all {all}");
            }
        }

        return 0;
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
}
