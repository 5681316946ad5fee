namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Holds the place of a hard link whose target does not exist yet. No finished tree contains such a node. Hard links to the link share the node, as all
/// names of an inode do: a later entry at the link's own path does not change what the other names stand for.
/// </summary>
internal sealed class ForwardLinkNode(Metadata metadata, ByteString target, TarEntry entry, List<ForwardLinkName> names) : FileNode(metadata)
{
    public override FileType Type => FileType.RegularFile;

    public ByteString Target { get; } = target;

    public TarEntry Entry { get; } = entry;

    /// <summary>The names that the node was given. Later entries may have replaced some.</summary>
    public List<ForwardLinkName> Names { get; } = names;

    public override FileNode WithMetadata(Metadata metadata) => new ForwardLinkNode(metadata, Target, Entry, Names);
}

/// <summary>A name of a hard link whose target does not exist yet.</summary>
/// <param name="Path">The path of the name, symbolic links on the way followed.</param>
/// <param name="Target">The target as the entry of this name has it.</param>
/// <param name="Offset">Where the entry's header is.</param>
internal readonly record struct ForwardLinkName(ByteString Path, ByteString Target, long Offset);
