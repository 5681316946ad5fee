using OverlayImg.Images.Archives;
using OverlayImg.Images.Digests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Validation;

/// <summary>A layer as a manifest or <c>manifest.json</c> lists it.</summary>
/// <param name="Member">File of the layer's blob.</param>
/// <param name="Where">Location in the document, for findings.</param>
/// <param name="DiffId">Diff ID in the config; null if it can't be read.</param>
/// <param name="MediaType">Media type in the manifest; null in <c>manifest.json</c>.</param>
internal sealed record LayerUse(ArchiveMember Member, string Where, Digest? DiffId, string? MediaType);

/// <summary>The readable parts of an image in a manifest or in <c>manifest.json</c>.</summary>
/// <param name="Where">Location of the layers in the document, for findings.</param>
/// <param name="ConfigId">Digest of the config.</param>
/// <param name="Layers">Layers, bottom first; null for a missing layer.</param>
internal sealed record CheckedImage(string Where, Digest ConfigId, IReadOnlyList<LayerUse?> Layers)
{
    /// <summary>Whether the image is in a nested index or is an attestation, so that a docker-archive may lack it.</summary>
    public bool IsOfList { get; init; }

    public List<ImageReference> References { get; } = [];
}
