namespace OverlayImg.FileSystems.Tar;

/// <summary>A hard link whose target is not in the archive. In a layer, the target is in a parent layer.</summary>
/// <param name="Path">The path of the link. The tree has no node there.</param>
/// <param name="Target">The target's path, normalized, without following symbolic links.</param>
/// <param name="Metadata">The metadata in the link's entry, which unpacking ignores: a link has the metadata of its target.</param>
/// <param name="Offset">Byte offset of the entry's header in the archive.</param>
public sealed record UnresolvedLink(ByteString Path, ByteString Target, Metadata Metadata, long Offset);

/// <summary>The contents of a tar archive.</summary>
/// <param name="Tree">Everything but the unresolved links.</param>
/// <param name="UnresolvedLinks">The hard links without a target, in the archive's order.</param>
/// <param name="Warnings">Unusual but unambiguous entries, as text for the user: at most a hundred.</param>
public sealed record TarTreeResult(FileTree Tree, IReadOnlyList<UnresolvedLink> UnresolvedLinks, IReadOnlyList<string> Warnings)
{
    /// <summary>
    /// Whether hard links of the tree precede their targets in the archive. Over lower files with the target, such links refer to the lower file.
    /// </summary>
    public bool HasLinksAheadOfTargets { get; init; }
}
