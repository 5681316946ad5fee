using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Images.Outputs;

/// <summary>Checks of output paths.</summary>
internal static class OutputPlace
{
    /// <summary>Refuses an output inside a directory that it is made from, because it would become part of itself.</summary>
    /// <exception cref="InputException">The output path is inside one of <paramref name="items"/>.</exception>
    public static void RequireOutside(string output, IEnumerable<string> items)
    {
        if (output == "-" || Directory(output) is not { } directory) return;
        foreach (var item in items)
        {
            if (HostTree.RealPath(item) is not { } path || !IsIn(directory, path)) continue;
            throw new InputException($"the output would be inside {item}, which it is made from", new(output)) { Advice = "Name another output." };
        }
    }

    /// <summary>Whether the path is a device, a pipe or another special file that must not be replaced by a regular file.</summary>
    public static bool IsSpecial(string output) => HostTree.TypeOf(output) switch
    {
        null or FileType.Directory => false,
        // Links to open files of the process, such as /dev/stdout and /proc/self/fd/3.
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
