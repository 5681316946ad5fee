using OverlayImg.FileSystems;
using OverlayImg.Images.Settings;

namespace OverlayImg.Images.Layers;

/// <summary>What files of the host can't be in a layer, because a layer has no form for it or gives it another meaning (image-spec, layer.md).</summary>
public static class LayerRules
{
    /// <summary>The prefix by which a layer says that a name below it is deleted (image-spec, layer.md, "Whiteouts").</summary>
    private static ReadOnlySpan<byte> WhiteoutPrefix => ".wh."u8;

    /// <summary>Refuses what must not come into a layer.</summary>
    /// <param name="item">Name of the contents item.</param>
    /// <param name="path">Path in it.</param>
    /// <param name="node">What stands there.</param>
    /// <exception cref="InputException">It is such a thing.</exception>
    public static void Check(string item, ByteString path, FileNode node)
    {
        if (NameOf(path).StartsWith(WhiteoutPrefix)) throw Refused("begins with '.wh.', by which a layer deletes files", "Rename it.");
        if (node is SpecialNode { Type: FileType.CharacterDevice, Major: 0, Minor: 0 })
        {
            throw Refused(
                "is a character device 0:0, by which a layer deletes files", new("Remove it, and delete by a script that runs as root.", ImageSetting.RootScript));
        }

        if (node.Type == FileType.Socket) throw Refused("is a socket, which no layer can hold", "Remove it; its program makes it again.");

        InputException Refused(string what, Advice advice) => new(what, new(item, Path: path.ToString())) { Advice = advice };
    }

    private static ReadOnlySpan<byte> NameOf(ByteString path) => path.Span[(path.Span.LastIndexOf((byte)'/') + 1)..];
}
