using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>Directories that belong to the user alone, whatever the process's umask is.</summary>
public static class PrivateDirectory
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const uint OthersWrite = 2;

    /// <summary>Makes a directory and the directories above it that are missing, each with mode 0700.</summary>
    /// <exception cref="IOException">One can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">One may not be made.</exception>
    public static void Create(string path)
    {
        // The runtime makes the directories above with the default mode.
        var missing = new Stack<string>();
        for (var directory = Path.GetFullPath(path); directory is not null && !Directory.Exists(directory); directory = Path.GetDirectoryName(directory))
            missing.Push(directory);
        foreach (var directory in missing) Directory.CreateDirectory(directory, Mode);
    }

    /// <summary>No file that this process makes from here on can be written by everybody, also where the user's umask allows that.</summary>
    public static void ForbidWorldWritableFiles() => _ = LibC.SetModeMask(LibC.SetModeMask(OthersWrite) | OthersWrite);
}
