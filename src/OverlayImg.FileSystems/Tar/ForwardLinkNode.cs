namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Holds the place of a hard link whose target has not come yet; in no finished tree. A later entry of the same path replaces it as it would
/// replace the link.
/// </summary>
internal sealed class ForwardLinkNode(Metadata metadata, ByteString path, ByteString target, TarEntry entry) : FileNode(metadata)
{
    public override FileType Type => FileType.RegularFile;

    /// <summary>Where it stands, symbolic links on the way followed.</summary>
    public ByteString Path { get; } = path;

    public ByteString Target { get; } = target;

    public TarEntry Entry { get; } = entry;

    public override FileNode WithMetadata(Metadata metadata) => new ForwardLinkNode(metadata, Path, Target, Entry);
}
