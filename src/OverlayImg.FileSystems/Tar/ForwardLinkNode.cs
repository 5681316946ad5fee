namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Holds the place of a hard link whose target does not exist yet. No finished tree contains such a node. Hard links to the link share the node, as all
/// names of an inode do: a later entry at the link's own path does not change what the other names stand for.
/// </summary>
internal sealed class ForwardLinkNode(Metadata metadata, ByteString target, TarEntry entry, List<ByteString> paths) : FileNode(metadata)
{
    public override FileType Type => FileType.RegularFile;

    public ByteString Target { get; } = target;

    public TarEntry Entry { get; } = entry;

    /// <summary>The paths that the node was given, symbolic links on the way followed. Later entries may have replaced some.</summary>
    public List<ByteString> Paths { get; } = paths;

    public override FileNode WithMetadata(Metadata metadata) => new ForwardLinkNode(metadata, Target, Entry, Paths);
}
