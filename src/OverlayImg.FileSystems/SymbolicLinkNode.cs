namespace OverlayImg.FileSystems;

/// <summary>A symbolic link.</summary>
public sealed class SymbolicLinkNode(Metadata metadata, ByteString target) : FileNode(metadata)
{
    /// <inheritdoc/>
    public override FileType Type => FileType.SymbolicLink;

    /// <summary>What the link says, untouched.</summary>
    public ByteString Target { get; } = target;

    /// <inheritdoc/>
    public override FileNode WithMetadata(Metadata metadata) => new SymbolicLinkNode(metadata, Target);
}
