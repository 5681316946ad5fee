namespace OverlayImg.FileSystems.Tar;

/// <summary>A hard link whose target is not in the archive: in a layer, one into a layer below.</summary>
/// <param name="Path">Where the link is to stand; nothing stands there in the tree.</param>
/// <param name="Target">The target, cleaned as every path is, symbolic links in it not followed.</param>
/// <param name="Metadata">What the entry says; a link has the metadata of its target, whatever its entry says.</param>
/// <param name="Offset">Of the entry's header, from the start of the archive.</param>
public sealed record UnresolvedLink(ByteString Path, ByteString Target, Metadata Metadata, long Offset);

/// <summary>What a tar archive holds.</summary>
/// <param name="Tree">Everything but the unresolved links.</param>
/// <param name="UnresolvedLinks">In the archive's order.</param>
/// <param name="Warnings">What is odd but has one meaning, as text for the user: at most a hundred.</param>
public sealed record TarTreeResult(FileTree Tree, IReadOnlyList<UnresolvedLink> UnresolvedLinks, IReadOnlyList<string> Warnings)
{
    /// <summary>
    /// Whether hard links in the tree stood before their targets in the archive. Over lower files that have the target, the links name those instead.
    /// </summary>
    public bool HasLinksAheadOfTargets { get; init; }
}
