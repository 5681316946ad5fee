using OverlayImg.Images;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.Transfers;

/// <summary>Which image is copied, and where to.</summary>
public sealed record ImageCopyOptions
{
    /// <summary>The image.</summary>
    public required BaseImageChoice Source { get; init; }

    /// <summary>Where to.</summary>
    public required ImageOutput Target { get; init; }

    /// <summary>Whether all images of an index are copied, with the index; else the one that the source's platform says.</summary>
    public bool All { get; init; }

    /// <summary>How layers shall be compressed; null: as they are, but that a registry gets none uncompressed.</summary>
    public CompressionFormat? Compression { get; init; }

    /// <summary>The family of the copy's documents; null: as they are, or the other one where a registry refuses them.</summary>
    public ManifestFamily? Family { get; init; }

    /// <summary>Annotations that the copied manifest or index gets, by name; they replace annotations of the same name. With annotations the documents are OCI's.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>A file that gets the digest of the copy; null for none.</summary>
    public string? DigestFile { get; init; }

    /// <summary>How to get at registries.</summary>
    public required RegistryOptions Access { get; init; }
}

/// <summary>What was copied.</summary>
/// <param name="Digest">Of the manifest or index at the destination.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="Images">How many images: of an index that was copied whole all that it leads to, without attestations and other artifacts.</param>
/// <param name="File">The archive; null for other destinations.</param>
/// <param name="Copied">Layers that were sent or written.</param>
/// <param name="There">Layers that were there already.</param>
/// <param name="Bytes">Of the layers that were sent or written.</param>
public sealed record ImageCopyResult(Digest Digest, string MediaType, int Images, TransferredFile? File, int Copied, int There, long Bytes);
