using OverlayImg.FileSystems.Exclusions;

namespace OverlayImg.Layers.Contents;

/// <summary>Files of the host that are in the layer before any script runs.</summary>
/// <param name="Paths">Directories and tarballs. A file of a later path wins.</param>
/// <param name="KeepDirlinks">Whether symbolic links to directories stay links; null for the default of the <see cref="Dialect"/>.</param>
/// <param name="StoreDirectory">Absolute path of the store. Links from the contents into the store are followed.</param>
public sealed record LayerContents(IReadOnlyList<string> Paths, bool? KeepDirlinks, string StoreDirectory)
{
    /// <summary>Whether the files of contents in the store become links to the store, as nixpkgs' symlinkJoin makes them.</summary>
    public bool LinksIntoStore { get; init; }

    /// <summary>Files that are left out; null for none.</summary>
    public ExclusionList? Exclusions { get; init; }

    /// <summary>Whether <see cref="Exclusions"/> replace the ignore files in directories of the contents.</summary>
    public bool ReplacesIgnoreFiles { get; init; }

    /// <summary>No contents.</summary>
    public static LayerContents None { get; } = new([], null, "/nix/store");
}
