namespace OverlayImg.FileSystems;

/// <summary>A regular file: metadata and a reference to its content, never the content itself.</summary>
public sealed class RegularFileNode(Metadata metadata, FileContent content) : FileNode(metadata)
{
    /// <inheritdoc/>
    public override FileType Type => FileType.RegularFile;

    /// <summary>Where the bytes are.</summary>
    public FileContent Content { get; } = content;

    /// <inheritdoc/>
    public override FileNode WithMetadata(Metadata metadata) => new RegularFileNode(metadata, Content);
}
