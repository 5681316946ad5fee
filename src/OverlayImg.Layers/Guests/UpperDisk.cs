using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Reading;

namespace OverlayImg.Layers.Guests;

/// <summary>
/// The disk that the guest writes (vm-images/PROTOCOL.md, "Disks"): the upper directory in <c>layer</c>, and the
/// directories <c>work</c>, <c>mnt</c> and <c>out</c>.
/// </summary>
/// <param name="Layer">The upper directory, in overlayfs form.</param>
/// <param name="Out">The files that hooks left in <c>out</c>.</param>
internal sealed record UpperDisk(FileTree Layer, FileTree Out)
{
    private static readonly ByteString LayerName = new("layer"u8);
    private static readonly ByteString OutName = new("out"u8);

    /// <summary>Returns the tree of a new upper disk.</summary>
    /// <param name="layer">
    /// The first content of the upper directory. Its root has the metadata of the merged root, which it will hide.
    /// </param>
    public static FileTree Fresh(DirectoryNode layer)
    {
        var root = new DirectoryNode(Metadata.DefaultDirectory);
        root.Set(LayerName, layer);
        root.Set(new("work"u8), new DirectoryNode(Metadata.DefaultDirectory));
        root.Set(new("mnt"u8), new DirectoryNode(Metadata.DefaultDirectory));
        root.Set(OutName, new DirectoryNode(Metadata.DefaultDirectory));
        return new(root);
    }

    /// <summary>Reads the disk after the guest's job. Content of files is read from <paramref name="disk"/> on demand.</summary>
    /// <exception cref="InputException">The file system is corrupt, or a hook removed one of the directories.</exception>
    public static UpperDisk Read(ByteSource disk, CancellationToken cancellationToken)
    {
        var root = Ext4Reader.Read(disk, cancellationToken).Root;
        return new(new(Directory(root, LayerName)), new(Directory(root, OutName)));
    }

    private static DirectoryNode Directory(DirectoryNode root, ByteString name) => root.Find(name) as DirectoryNode
        ?? throw new InputException($"the scripts removed the directory '{name}' from the guest's disk")
        {
            Advice = $"A hook must not remove '{name}' itself, only its entries."
        };
}
