using System.Diagnostics;

namespace OverlayImg.Images.Layouts;

/// <summary>Keeps other processes of this tool from changing a layout meanwhile. The kernel ends it with the process, however that ends.</summary>
internal static class LayoutLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits for the lock, which disposing of the result ends.</summary>
    /// <exception cref="MachineException">Somebody else does not let go of it.</exception>
    public static IDisposable Take(string directory, CancellationToken cancellationToken)
    {
        // The one file of a layout that is never replaced.
        var path = Path.Combine(directory, LayoutIndex.VersionName);
        for (var clock = Stopwatch.StartNew(); ; cancellationToken.WaitHandle.WaitOne(Pause))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                // FileShare.None is flock(2) on Unix.
                return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
            }
            catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException))
            {
                if (clock.Elapsed > Patience) throw new MachineException($"{directory} is locked by another process: {exception.Message}", exception);
            }
        }
    }
}
