using OverlayImg.FileSystems.Exclusions;

namespace OverlayImg.Layers.Contents;

/// <summary>Files of the host that are in the layer before any script runs.</summary>
/// <param name="Sources">Directories, tarballs and copies. A file of a later source wins.</param>
/// <param name="KeepDirlinks">Whether symbolic links to directories stay links; null for the default of the <see cref="Dialect"/>.</param>
/// <param name="StoreDirectory">Absolute path of the store. Links from the contents into the store are followed.</param>
public sealed record LayerContents(IReadOnlyList<ContentsSource> Sources, bool? KeepDirlinks, string StoreDirectory)
{
    /// <summary>Whether there are no contents.</summary>
    public bool IsEmpty => Sources.Count == 0;

    /// <summary>The paths of the host.</summary>
    public IEnumerable<string> Paths => Sources.Select(source => source.Path);

    /// <summary>
    /// Directory of the image at which relative destinations of copies start; null for the working directory of the base image.
    /// </summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether the place of a copy depends on the working directory of the base image.</summary>
    internal bool NeedsWorkingDirectoryOfBase => WorkingDirectory is null && Sources.Any(source => source.Copy?.IsRelative == true);

    /// <summary>Whether the files of contents in the store become links to the store, as nixpkgs' symlinkJoin makes them.</summary>
    public bool LinksIntoStore { get; init; }

    /// <summary>Files that are left out; null for none.</summary>
    public ExclusionList? Exclusions { get; init; }

    /// <summary>Whether <see cref="Exclusions"/> replace the ignore files in directories of the contents.</summary>
    public bool ReplacesIgnoreFiles { get; init; }

    /// <summary>No contents.</summary>
    public static LayerContents None { get; } = new([], null, "/nix/store");
}
