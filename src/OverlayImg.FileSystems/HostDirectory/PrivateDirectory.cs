using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>Creates directories that only the current user can access, whatever the process's umask is.</summary>
public static class PrivateDirectory
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const uint OthersWrite = 2;

    /// <summary>Creates a directory and its missing parents, each with mode 0700.</summary>
    /// <exception cref="IOException">A directory can't be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The user may not create a directory.</exception>
    public static void Create(string path)
    {
        // Directory.CreateDirectory applies the mode to the last directory only.
        var missing = new Stack<string>();
        for (var directory = Path.GetFullPath(path);
            directory is not null && !Directory.Exists(directory);
            directory = Path.GetDirectoryName(directory))
        {
            missing.Push(directory);
        }

        foreach (var directory in missing) Directory.CreateDirectory(directory, Mode);
    }

    /// <summary>Changes the process's umask so that new files are not writable by everybody.</summary>
    public static void ForbidWorldWritableFiles() => _ = LibC.SetModeMask(LibC.SetModeMask(OthersWrite) | OthersWrite);
}
