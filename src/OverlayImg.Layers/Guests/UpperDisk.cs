using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Reading;

namespace OverlayImg.Layers.Guests;

/// <summary>The disk that the guest writes (vm-images/PROTOCOL.md, "Disks"): the upper in <c>layer</c>, and <c>work</c>,
/// <c>mnt</c> and <c>out</c>.</summary>
/// <param name="Layer">The upper, in overlay form.</param>
/// <param name="Out">What hooks left to be brought out.</param>
internal sealed record UpperDisk(FileTree Layer, FileTree Out)
{
    private static readonly ByteString LayerName = new("layer"u8);
    private static readonly ByteString OutName = new("out"u8);

    /// <summary>The tree of a fresh disk.</summary>
    /// <param name="layer">What is in the upper from the start; its root has the metadata of the merged view's root, which it will hide.</param>
    public static FileTree Fresh(DirectoryNode layer)
    {
        var root = new DirectoryNode(Metadata.DefaultDirectory);
        root.Set(LayerName, layer);
        root.Set(new("work"u8), new DirectoryNode(Metadata.DefaultDirectory));
        root.Set(new("mnt"u8), new DirectoryNode(Metadata.DefaultDirectory));
        root.Set(OutName, new DirectoryNode(Metadata.DefaultDirectory));
        return new(root);
    }

    /// <summary>Reads what the guest left. Content is read from <paramref name="disk"/> when it is needed.</summary>
    /// <exception cref="InputException">The file system is corrupt, or a hook took one of the directories away.</exception>
    public static UpperDisk Read(ByteSource disk, CancellationToken cancellationToken)
    {
        var root = Ext4Reader.Read(disk, cancellationToken).Root;
        return new(new(Directory(root, LayerName)), new(Directory(root, OutName)));
    }

    private static DirectoryNode Directory(DirectoryNode root, ByteString name) => root.Find(name) as DirectoryNode
        ?? throw new InputException($"the scripts left no directory '{name}' on the guest's disk")
        {
            Advice = $"A hook must not remove '{name}' itself, only what is in it."
        };
}
