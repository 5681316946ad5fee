namespace OverlayImg.FileSystems.Tar;

/// <summary>Names of entries as paths of the tree.</summary>
public static class TarPath
{
    /// <summary>
    /// Cleans a name against the root, as <c>path.Clean("/" + name)</c> does: leading, doubled and trailing slashes and <c>.</c> go, <c>..</c>
    /// takes away what is before it, at the root nothing. False where the result is longer than a path can be.
    /// </summary>
    public static bool TryClean(ReadOnlySpan<byte> name, out ByteString path)
    {
        path = default;
        // Whoever needs more than a few times the length of a path to say one is not naming a file.
        if (name.Length > 4 * TreePath.MaximumLength) return false;
        Span<byte> clean = stackalloc byte[name.Length];
        var length = 0;
        foreach (var range in TreePath.Components(name))
        {
            var component = name[range];
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

        if (length > TreePath.MaximumLength) return false;
        path = length == 0 ? ByteString.Empty : new(clean[..length]);
        return true;
    }
}
