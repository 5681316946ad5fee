using OverlayImg.Images;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.Transfers;

/// <summary>What was pulled.</summary>
public sealed record ImagePullResult
{
    /// <summary>The image with the digest to pin: that of the index where it is one of an index.</summary>
    public required RegistryReference Image { get; init; }

    /// <summary>Its name without tag and digest, as the user wrote it.</summary>
    public required string ImageName { get; init; }

    /// <summary>The name that it got.</summary>
    public required ImageReference FinalName { get; init; }

    /// <summary>Where it was written.</summary>
    public required ImageOutput Output { get; init; }

    /// <summary>The archive; null for a layout.</summary>
    public TransferredFile? File { get; init; }

    /// <summary>Digest of the config.</summary>
    public required Digest ImageId { get; init; }

    /// <summary>Digest of the manifest as it was written.</summary>
    public required Digest ManifestDigest { get; init; }

    /// <summary>How many layers it has.</summary>
    public required int Layers { get; init; }
}
