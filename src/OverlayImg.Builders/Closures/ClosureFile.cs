using OverlayImg.FileSystems;

namespace OverlayImg.Builders;

/// <summary>Reads which store paths belong to an image: one per line, as <c>nix-store --query --requisites</c> and <c>closureInfo</c>'s
/// <c>store-paths</c> have them.</summary>
internal static class ClosureFile
{
    // A whole NixOS has a few thousand paths of a hundred bytes.
    private const int MaximumLength = 64 << 20;

    /// <summary>The store paths, absolute and each once, in the order of the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="storeDirectory">Where all of them must lie: absolute, without a slash at the end.</param>
    /// <exception cref="InputException">It can't be read, or names what is no store path.</exception>
    public static IReadOnlyList<ByteString> Read(string path, ByteString storeDirectory)
    {
        using var source = ByteSource.Open(path);
        if (source.Length > MaximumLength) throw new InputException("is larger than 64 MiB, so it is no list of store paths", new(path));
        var text = new byte[source.Length];
        source.Read(0, text);
        var paths = new List<ByteString>();
        var seen = new HashSet<ByteString>();
        foreach (var range in text.AsSpan().Split((byte)'\n'))
        {
            var line = text.AsSpan(range).TrimEnd((byte)'\r');
            if (line.IsEmpty) continue;
            var storePath = new ByteString(line);
            if (!IsStorePath(line, storeDirectory.Span)) throw IsNoStorePath(storePath, storeDirectory, path);
            if (seen.Add(storePath)) paths.Add(storePath);
        }

        return paths;
    }

    private static bool IsStorePath(ReadOnlySpan<byte> path, ReadOnlySpan<byte> storeDirectory) =>
        path.StartsWith(storeDirectory) && path[storeDirectory.Length..] is [(byte)'/', .. var name] && DirectoryNode.IsValidName(name);

    private static InputException IsNoStorePath(ByteString line, ByteString storeDirectory, string path) =>
        new($"names '{line}', which is no path directly in the store {storeDirectory}", new(path))
        {
            Advice = "Give one store path per line, and --store-dir where the store is not /nix/store.",
        };
}
