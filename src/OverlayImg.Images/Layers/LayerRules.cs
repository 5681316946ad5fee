using OverlayImg.FileSystems;
using OverlayImg.Images.Settings;

namespace OverlayImg.Images.Layers;

/// <summary>Rules for host files that no layer can hold as they are (OCI Image Specification, layer).</summary>
public static class LayerRules
{
    /// <summary>The name prefix of whiteouts (OCI Image Specification, layer, "Whiteouts").</summary>
    private static ReadOnlySpan<byte> WhiteoutPrefix => ".wh."u8;

    /// <summary>Throws if a node can't be part of a layer.</summary>
    /// <param name="item">Name of the contents item, for messages.</param>
    /// <param name="path">Path in the contents item.</param>
    /// <param name="node">The node at that path.</param>
    /// <exception cref="InputException">The node is a socket, a character device 0:0, or has the name of a whiteout.</exception>
    public static void Check(string item, ByteString path, FileNode node)
    {
        if (NameOf(path).StartsWith(WhiteoutPrefix)) throw Refused("begins with '.wh.', by which a layer deletes files", "Rename it.");
        if (node is SpecialNode { Type: FileType.CharacterDevice, Major: 0, Minor: 0 })
        {
            throw Refused(
                "is a character device 0:0, by which a layer deletes files",
                new("Remove it, and delete by a script that runs as root.", ImageSetting.RootScript));
        }

        if (node.Type == FileType.Socket) throw Refused("is a socket, which no layer can hold", "Remove it; its program makes it again.");

        InputException Refused(string what, Advice advice) => new(what, new(item, Path: path.ToString())) { Advice = advice };
    }

    private static ReadOnlySpan<byte> NameOf(ByteString path) => path.Span[(path.Span.LastIndexOf((byte)'/') + 1)..];
}
