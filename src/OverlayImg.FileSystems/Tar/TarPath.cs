namespace OverlayImg.FileSystems.Tar;

/// <summary>Converts names of entries to paths of a tree.</summary>
public static class TarPath
{
    private const int LongestOnStack = 1024;

    /// <summary>
    /// Normalizes a name like Go's <c>path.Clean("/" + name)</c>. Leading, doubled and trailing slashes and <c>.</c> are removed, and <c>..</c>
    /// removes the name before it, if any. The result has no leading slash and is empty for the root.
    /// </summary>
    public static ByteString Clean(ByteString name)
    {
        var clean = name.Length <= LongestOnStack ? stackalloc byte[LongestOnStack] : new byte[name.Length];
        var length = 0;
        foreach (var range in TreePath.Components(name.Span))
        {
            var component = name.Span[range];
            if (component.SequenceEqual("."u8)) continue;
            if (component.SequenceEqual(".."u8))
            {
                length = Math.Max(0, clean[..length].LastIndexOf((byte)'/'));
                continue;
            }

            if (length > 0) clean[length++] = (byte)'/';
            component.CopyTo(clean[length..]);
            length += component.Length;
        }

        return length == 0 ? ByteString.Empty : new(clean[..length]);
    }
}
