using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Images.Outputs;

/// <summary>Where an output lies.</summary>
internal static class OutputPlace
{
    /// <summary>An output inside a directory that it is made from would become a part of itself.</summary>
    /// <exception cref="InputException">It lies in one of <paramref name="items"/>.</exception>
    public static void RequireOutside(string output, IEnumerable<string> items)
    {
        if (output == "-" || Directory(output) is not { } directory) return;
        foreach (var item in items)
        {
            if (HostTree.RealPath(item) is not { } path || !IsIn(directory, path)) continue;
            throw new InputException($"the output would lie in {item}, which it is made from", new(output)) { Advice = "Name another output." };
        }
    }

    /// <summary>Whether something stands there that a file must not be put in the place of.</summary>
    public static bool IsSpecial(string output) => HostTree.TypeOf(output) switch
    {
        null or FileType.Directory => false,
        // The links by which the system names a process's open files.
        FileType.RegularFile => Path.GetFullPath(output) is var path && (path.StartsWith("/dev/", StringComparison.Ordinal)
            || path.StartsWith("/proc/", StringComparison.Ordinal)) && HostTree.RealPath(path)?.ToString() != path,
        _ => true,
    };

    private static ByteString? Directory(string output)
    {
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(output)));
        return parent is null ? null : HostTree.RealPath(parent);
    }

    private static bool IsIn(ByteString path, ByteString directory) =>
        path == directory || path.Span.StartsWith((byte[])[.. directory.Span.TrimEnd((byte)'/'), (byte)'/']);
}
