using OverlayImg.Images;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.Transfers;

/// <summary>Which image of a registry is pulled, and where to.</summary>
public sealed record ImagePullOptions
{
    /// <summary>The image, by digest or tag.</summary>
    public required RegistryReference Image { get; init; }

    /// <summary>Its name without tag and digest, as the user wrote it.</summary>
    public required string ImageName { get; init; }

    /// <summary>What it must be for; null for any, and of an index then the one for this machine.</summary>
    public Platform? Platform { get; init; }

    /// <summary>An archive or a layout.</summary>
    public required ImageOutput Output { get; init; }

    /// <summary>The name that it gets there, with a tag.</summary>
    public required ImageReference FinalName { get; init; }

    /// <summary>What the SHA-256 of the archive must be; null for any.</summary>
    public Digest? ExpectedHash { get; init; }

    /// <summary>How to get at the registry.</summary>
    public required RegistryOptions Access { get; init; }
}
