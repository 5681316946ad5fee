using OverlayImg.FileSystems.Exclusions;

namespace OverlayImg.Layers.Contents;

/// <summary>Files of the host that go to the layer before any script runs.</summary>
/// <param name="Paths">Directories and tarballs; later ones win.</param>
/// <param name="KeepDirlinks">Whether symbolic links to directories stay links; null for the default of the <see cref="Dialect"/>.</param>
/// <param name="StoreDirectory">Links into this directory may become directories even though they leave the contents.</param>
public sealed record LayerContents(IReadOnlyList<string> Paths, bool? KeepDirlinks, string StoreDirectory)
{
    /// <summary>Whether the files of contents that lie in the store become links there, as nixpkgs' symlinkJoin makes them.</summary>
    public bool LinksIntoStore { get; init; }

    /// <summary>Files that are left out; null for none.</summary>
    public ExclusionList? Exclusions { get; init; }

    /// <summary>A file in the language of <c>.dockerignore</c>, in the place of the directories' own ignore files; null for none.</summary>
    public string? IgnoreFile { get; init; }

    /// <summary>None.</summary>
    public static LayerContents None { get; } = new([], null, "/nix/store");
}
