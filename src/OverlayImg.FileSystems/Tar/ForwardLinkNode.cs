namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// A placeholder for a hard link whose target does not exist yet. No finished tree has such a node. Hard links to this link share the node, like
/// all names of an inode: a later entry at one of the paths does not change the other names.
/// </summary>
internal sealed class ForwardLinkNode(Metadata metadata, ByteString target, TarEntry entry, List<UnresolvedLink> names) : FileNode(metadata)
{
    public override FileType Type => FileType.RegularFile;

    public ByteString Target { get; } = target;

    public TarEntry Entry { get; } = entry;

    /// <summary>The paths that had this node: the first link, and links to it. Later entries may have replaced some of them.</summary>
    public List<UnresolvedLink> Names { get; } = names;

    public override FileNode WithMetadata(Metadata metadata) => new ForwardLinkNode(metadata, Target, Entry, Names);
}
