using OverlayImg.Images.Compression;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Transfers;

/// <summary>The compression, the family of documents, the annotations and the names of a copy.</summary>
/// <param name="Compression">The compression of the layers; null to keep each layer's, except that a registry gets no
/// uncompressed layers.</param>
/// <param name="Family">The family of the documents; null to keep the source's, or to use the other family if a
/// registry refuses them.</param>
internal sealed record TransferForm(CompressionFormat? Compression, ManifestFamily? Family)
{
    /// <summary>Annotations to add to the root document, by name. Annotations require OCI documents.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>The names of the image or the index in an archive or a layout.</summary>
    public IReadOnlyList<ImageReference> References { get; init; } = [];

    /// <summary>The only name (<c>org.opencontainers.image.ref.name</c>) in an OCI layout; null for a name from each reference.</summary>
    public string? RefName { get; init; }
}
