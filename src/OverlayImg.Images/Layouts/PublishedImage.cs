using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Layouts;

/// <summary>An image or an index, and its names in an archive or a layout that already holds its documents and blobs.</summary>
/// <param name="Root">The image's manifest, or the index.</param>
/// <param name="Platform">The platform of an image according to its config; null for an index, and if the config names none.</param>
/// <param name="References">The names of the image; a name without a tag gets <c>latest</c>.</param>
/// <param name="RefName">The only <c>org.opencontainers.image.ref.name</c> of the image; null for one from each reference.</param>
public sealed record PublishedImage(ManifestDocument Root, Platform? Platform, IReadOnlyList<ImageReference> References, string? RefName)
{
    /// <summary>Throws if a name is invalid, so that invalid names are refused before anything is fetched.</summary>
    /// <exception cref="InputException">A name is not a valid image name.</exception>
    public static void RequireNames(IReadOnlyList<ImageReference> references, string? refName)
    {
        foreach (var reference in references) reference.RequireWritable();
        if (refName is not null) new ImageReference("", refName).RequireWritable();
    }

    /// <summary>The distinct references, each with its tag or <c>latest</c>.</summary>
    internal IReadOnlyList<ImageReference> NamesWithTags => [.. References.Select(reference => reference.WithTag).Distinct()];
}
