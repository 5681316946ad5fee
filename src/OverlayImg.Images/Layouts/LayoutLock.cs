using System.Diagnostics;

namespace OverlayImg.Images.Layouts;

/// <summary>A lock that keeps other overlayimg processes from changing a layout. The kernel releases it with the process.</summary>
internal static class LayoutLock
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits up to 60 seconds for the lock; disposing of the result releases it.</summary>
    /// <exception cref="MachineException">Another process holds the lock for longer.</exception>
    public static IDisposable Take(string directory, CancellationToken cancellationToken)
    {
        // oci-layout is the only file of a layout that is never replaced.
        var path = Path.Combine(directory, LayoutIndex.VersionName);
        for (var clock = Stopwatch.StartNew(); ; cancellationToken.WaitHandle.WaitOne(Pause))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                // On Unix, .NET implements FileShare.None with flock(2).
                return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
            }
            catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException))
            {
                if (clock.Elapsed > Timeout) throw new MachineException($"{directory} is locked by another process: {exception.Message}", exception);
            }
        }
    }
}
