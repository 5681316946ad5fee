using OverlayImg.FileSystems;

namespace OverlayImg.Images.Validation;

/// <summary>Questions about the raw name of a tar's entry.</summary>
internal static class EntryName
{
    /// <summary>Whether one of its components is <c>..</c>.</summary>
    public static bool HasParentComponent(ReadOnlySpan<byte> name)
    {
        foreach (var range in TreePath.Components(name))
        {
            if (name[range].SequenceEqual(".."u8)) return true;
        }

        return false;
    }
}
