namespace OverlayImg.FileSystems.Tar;

/// <summary>How an archive is read as a tree.</summary>
public sealed record TreeReading
{
    /// <summary>What the tree may cost. Archives that are read together share one budget.</summary>
    public TreeBudget Budget { get; init; } = new();

    /// <summary>
    /// The files over which the archive is unpacked, or null. A hard link whose target is not in the archive yet names the lower file. The tree has nothing
    /// else of the lower files.
    /// </summary>
    public LowerFiles? Lower { get; init; }

    /// <summary>
    /// Numbers for access control lists in text form, which become attributes then. Null leaves the lists out, as programs that load layers do.
    /// </summary>
    public AccountNumbers? Accounts { get; init; }
}

/// <summary>The files over which an archive is unpacked.</summary>
/// <param name="Tree">The lower layers, merged.</param>
/// <param name="IsHidden">
/// Whether a directory of the archive, as far as it has been read, hides the lower file of a name (a whiteout or an opaque mark does).
/// </param>
public sealed record LowerFiles(FileTree Tree, Func<DirectoryNode, ByteString, bool> IsHidden);
