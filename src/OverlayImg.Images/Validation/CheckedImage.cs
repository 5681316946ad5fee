using OverlayImg.Images.Archives;
using OverlayImg.Images.Digests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Validation;

/// <summary>A layer as a document of an archive names it.</summary>
/// <param name="Member">Where it lies.</param>
/// <param name="Where">The document's place, for findings.</param>
/// <param name="DiffId">What the config says; null where it says nothing that can be read.</param>
/// <param name="MediaType">What a manifest says that it is; null in <c>manifest.json</c>.</param>
internal sealed record LayerUse(ArchiveMember Member, string Where, Digest? DiffId, string? MediaType);

/// <summary>An image as a document of an archive has it, as far as it can be read.</summary>
/// <param name="Where">The document's place.</param>
/// <param name="ConfigId">Digest of its config.</param>
/// <param name="Layers">Its layers, bottom first; null for one that is not there.</param>
internal sealed record CheckedImage(string Where, Digest ConfigId, IReadOnlyList<LayerUse?> Layers)
{
    /// <summary>Whether it is one of a list's images for several platforms, of which a docker-archive can have one.</summary>
    public bool IsOfList { get; init; }

    /// <summary>Its names.</summary>
    public List<ImageReference> References { get; } = [];
}
