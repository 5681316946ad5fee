namespace OverlayImg.FileSystems;

/// <summary>A regular file: metadata and a reference to its content. The content is not held in memory.</summary>
public sealed class RegularFileNode(Metadata metadata, FileContent content) : FileNode(metadata)
{
    /// <inheritdoc/>
    public override FileType Type => FileType.RegularFile;

    /// <summary>A reference to the bytes of the file.</summary>
    public FileContent Content { get; } = content;

    /// <inheritdoc/>
    public override FileNode WithMetadata(Metadata metadata) => new RegularFileNode(metadata, Content);
}
