using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.LayeredImages.StreamConfs;

/// <summary>An image to write as nixpkgs' stream script writes it.</summary>
public sealed record StreamConfOptions
{
    /// <summary>Path of the script's JSON file; <c>-</c> for stdin.</summary>
    public required string Conf { get; init; }

    /// <summary>Name and tag that replace those of the file; null to keep those of the file.</summary>
    public string? RepoTag { get; init; }

    /// <summary>The destination of the archive.</summary>
    public required TarDestination Destination { get; init; }
}
