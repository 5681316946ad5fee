using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>Orders store paths by the names of their packages, so that new hashes do not change the order.</summary>
internal static class PathNames
{
    /// <summary>
    /// Returns the key by which dockerTools sorts paths of equal popularity: the text before the first dash, which is
    /// the hash, moves behind the rest.
    /// </summary>
    public static ByteString Key(ByteString path)
    {
        var (name, hash) = Divide(path);
        return name.IsEmpty ? hash : new([.. name.Span, (byte)'-', .. hash.Span]);
    }

    /// <summary>Compares paths as nixpkgs' auto-layer does: by name, then by hash.</summary>
    public static int Compare(ByteString left, ByteString right)
    {
        var (leftName, leftHash) = Divide(left);
        var (rightName, rightHash) = Divide(right);
        var names = leftName.CompareTo(rightName);
        return names != 0 ? names : leftHash.CompareTo(rightHash);
    }

    private static (ByteString Name, ByteString Hash) Divide(ByteString path)
    {
        var dash = path.Span.IndexOf((byte)'-');
        return dash < 0 ? (ByteString.Empty, path) : (new(path.Span[(dash + 1)..]), new(path.Span[..dash]));
    }
}
