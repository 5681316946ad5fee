using OverlayImg.Images.Compression;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Transfers;

/// <summary>The form that a copy gets.</summary>
/// <param name="Compression">How layers are compressed; null: as they are, but that a registry gets none uncompressed.</param>
/// <param name="Family">The family of its documents; null: as they are, or the other one where a registry refuses them.</param>
internal sealed record TransferForm(CompressionFormat? Compression, ManifestFamily? Family)
{
    /// <summary>Annotations that the manifest or index gets, by name. They need documents of OCI's family.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>The names that an archive or a layout gives the image or index.</summary>
    public IReadOnlyList<ImageReference> References { get; init; } = [];

    /// <summary>The one name that an OCI layout gets for it; null for a name from each of the references.</summary>
    public string? RefName { get; init; }
}
