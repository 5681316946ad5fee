using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Closures;

/// <summary>Programs of this machine.</summary>
internal static class HostPrograms
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Whether a path leads to a file that may be executed.</summary>
    public static bool IsProgram(string path) =>
        HostTree.TypeOf(path) == FileType.RegularFile && HostTree.RealPath(path) is { } real && (File.GetUnixFileMode(real.ToString()) & Executable) != 0;

    /// <summary>The path in the store that a program in <c>$PATH</c> has; null where no program of these names lies in the store.</summary>
    /// <param name="names">Names of the program, the most wanted first.</param>
    /// <param name="storeDirectory">Without a slash at its end.</param>
    public static ByteString? FindInStore(IReadOnlyList<string> names, ByteString storeDirectory)
    {
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return names.SelectMany(name => directories.Select(directory => Path.Combine(directory, name))).Where(IsProgram)
            .Select(path => StoreLinks.Enter(path, storeDirectory)).FirstOrDefault(path => path is not null);
    }
}
