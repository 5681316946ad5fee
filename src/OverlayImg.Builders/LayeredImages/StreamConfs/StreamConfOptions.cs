using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.LayeredImages.StreamConfs;

/// <summary>An image that is to be written as nixpkgs' stream script would write it.</summary>
public sealed record StreamConfOptions
{
    /// <summary>The script's JSON file; <c>-</c> for stdin.</summary>
    public required string Conf { get; init; }

    /// <summary>Name and tag in the place of the file's; null for the file's.</summary>
    public string? RepoTag { get; init; }

    /// <summary>Where the archive goes.</summary>
    public required TarDestination Destination { get; init; }
}
