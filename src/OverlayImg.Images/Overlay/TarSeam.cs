namespace OverlayImg.FileSystems.Tar;

/// <summary>Shim until the tar codec is merged.</summary>
public sealed record UnresolvedLink(ByteString Path, ByteString Target, Metadata Metadata, long Offset);

/// <summary>Shim until the tar codec is merged.</summary>
public sealed record TarTreeResult(FileTree Tree, IReadOnlyList<UnresolvedLink> UnresolvedLinks, IReadOnlyList<string> Warnings);
