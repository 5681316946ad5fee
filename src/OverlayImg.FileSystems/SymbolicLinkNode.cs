namespace OverlayImg.FileSystems;

/// <summary>A symbolic link with its target.</summary>
public sealed class SymbolicLinkNode(Metadata metadata, ByteString target) : FileNode(metadata)
{
    /// <inheritdoc/>
    public override FileType Type => FileType.SymbolicLink;

    /// <summary>The link's target, byte for byte: relative, absolute or dangling.</summary>
    public ByteString Target { get; } = target;

    /// <inheritdoc/>
    public override FileNode WithMetadata(Metadata metadata) => new SymbolicLinkNode(metadata, Target);
}
