using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Closures;

/// <summary>Finds programs of this machine.</summary>
internal static class HostPrograms
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Whether a path leads to an executable file.</summary>
    public static bool IsProgram(string path) =>
        HostTree.TypeOf(path) == FileType.RegularFile && HostTree.RealPath(path) is { } real
        && (File.GetUnixFileMode(real.ToString()) & Executable) != 0;

    /// <summary>Returns the path in the store that a program in <c>$PATH</c> leads to; null if the store has no such program.</summary>
    /// <param name="names">Names of the program, the preferred name first.</param>
    /// <param name="storeDirectory">Path of the store, without a slash at the end.</param>
    public static ByteString? FindInStore(IReadOnlyList<string> names, ByteString storeDirectory)
    {
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return names.SelectMany(name => directories.Select(directory => Path.Combine(directory, name))).Where(IsProgram)
            .Select(path => StoreLinks.Enter(path, storeDirectory)).FirstOrDefault(path => path is not null);
    }
}
