namespace OverlayImg.FileSystems.Tar;

/// <summary>Options for reading archives as trees.</summary>
public sealed record TreeReading
{
    /// <summary>The limits on memory and on implied directories. Archives that are read together share one budget.</summary>
    public TreeBudget Budget { get; init; } = new();

    /// <summary>
    /// The files over which the archive is unpacked, or null. A hard link whose target is not in the archive's earlier entries refers to the
    /// lower file. The tree has no other lower files.
    /// </summary>
    public LowerFiles? Lower { get; init; }

    /// <summary>
    /// Numeric IDs for access control lists as text, which then become attributes. Null leaves these lists out, as programs that load layers do.
    /// </summary>
    public AccountNumbers? Accounts { get; init; }
}

/// <summary>The files over which an archive is unpacked.</summary>
/// <param name="Tree">The merged lower layers.</param>
/// <param name="IsHidden">
/// Whether a directory of the archive, as read so far, hides the lower file of a name by a whiteout or as an opaque directory.
/// </param>
public sealed record LowerFiles(FileTree Tree, Func<DirectoryNode, ByteString, bool> IsHidden);
