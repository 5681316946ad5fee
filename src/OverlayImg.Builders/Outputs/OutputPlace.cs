using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Builders;

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

    private static ByteString? Directory(string output)
    {
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(output)));
        return parent is null ? null : HostTree.RealPath(parent);
    }

    private static bool IsIn(ByteString path, ByteString directory) =>
        path == directory || path.Span.StartsWith((byte[])[.. directory.Span.TrimEnd((byte)'/'), (byte)'/']);
}
