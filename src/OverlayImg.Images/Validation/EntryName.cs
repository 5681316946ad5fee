using OverlayImg.FileSystems;

namespace OverlayImg.Images.Validation;

/// <summary>Checks of the raw names of tar entries.</summary>
internal static class EntryName
{
    public static bool HasParentComponent(ReadOnlySpan<byte> name)
    {
        foreach (var range in TreePath.Components(name))
        {
            if (name[range].SequenceEqual(".."u8)) return true;
        }

        return false;
    }
}
