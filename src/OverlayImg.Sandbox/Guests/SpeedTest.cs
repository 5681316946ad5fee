using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Sandbox.Guests;

/// <summary>
/// Compares the speed of a guest with the host's: bash counts to a fixed number, which takes at most a second on TCG. Each bash (the guest image's
/// and the host's) measures its own time, and the best of three runs counts.
/// </summary>
internal static class SpeedTest
{
    private const string Script = """
        best=0
        for try in 1 2 3; do
          began=$EPOCHREALTIME
          for ((round = 0; round < 5000; round++)); do :; done
          ended=$EPOCHREALTIME
          took=$((${ended/[.,]/} - ${began/[.,]/}))
          if ((best == 0 || took < best)); then best=$took; fi
        done
        echo "$best"
        """;

    private const long DiskSize = 16 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Returns the guest's time divided by the host's time, or null if the host has no bash 5.</summary>
    /// <param name="guest">A guest that has had no job. The measurement is its job.</param>
    /// <param name="scratch">Directory for the guest's disk.</param>
    /// <exception cref="MachineException">The guest failed.</exception>
    public static async Task<double?> SlowdownAsync(Guest guest, string scratch, CancellationToken cancellationToken)
    {
        if (await OnHostAsync(cancellationToken) is not { } host) return null;
        return await InGuestAsync(guest, scratch, cancellationToken) is { } inGuest ? inGuest / host : null;
    }

    private static async Task<double?> InGuestAsync(Guest guest, string scratch, CancellationToken cancellationToken)
    {
        var disk = Path.Combine(scratch, "speed.ext4");
        var tree = new FileTree();
        foreach (var name in (string[])["layer", "work", "mnt", "out"])
            tree.Root.Set(ByteString.FromText(name), new DirectoryNode(Metadata.DefaultDirectory));
        try
        {
            Ext4Writer.Write(tree, disk, new() { Size = DiskSize }, cancellationToken);
            var job = new GuestJob
            {
                UpperDisk = disk,
                Scripts = new Dictionary<JobScript, ReadOnlyMemory<byte>> { [JobScript.PreMount] = Encoding.UTF8.GetBytes(Script) },
                Timeout = Limit,
            };
            using var output = new MemoryStream();
            await guest.RunAsync(job, output, null, cancellationToken);
            return Microseconds(Encoding.UTF8.GetString(output.ToArray()));
        }
        finally
        {
            File.Delete(disk);
        }
    }

    private static async Task<double?> OnHostAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("bash", ["-c", Script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Bash reads the file that BASH_ENV names.
        start.Environment.Remove("BASH_ENV");
        try
        {
            using var bash = Process.Start(start)!;
            try
            {
                var output = await bash.StandardOutput.ReadToEndAsync(cancellationToken);
                await bash.WaitForExitAsync(cancellationToken);
                return Microseconds(output);
            }
            finally
            {
                bash.Kill();
            }
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static double? Microseconds(string output) =>
        long.TryParse(output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var time) && time > 0 ? time : null;
}
