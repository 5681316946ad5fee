using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>Orders store paths by their packages' names, so that the order stays when only hashes change.</summary>
internal static class PathNames
{
    /// <summary>
    /// What nixpkgs' popularity contest sorts paths of equal popularity by: all that stands before the path's first dash, the hash, moved behind the rest.
    /// </summary>
    public static ByteString Key(ByteString path)
    {
        var (name, hash) = Divide(path);
        return name.IsEmpty ? hash : new([.. name.Span, (byte)'-', .. hash.Span]);
    }

    /// <summary>Compares as nixpkgs' auto-layer does: by name, and where that is the same, by hash.</summary>
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
