using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Layouts;

/// <summary>An image, or an index with its images, under the names that an archive or a layout gives it. Its documents and blobs are there already.</summary>
/// <param name="Root">The manifest or index.</param>
/// <param name="Platform">The platform of a single image, as its config says; null where the config does not say it, and of an index.</param>
/// <param name="References">The names; a name without a tag gets <c>latest</c>.</param>
/// <param name="RefName">The one name that an OCI layout gets for it (<c>org.opencontainers.image.ref.name</c>); null for a name from each of the references.</param>
public sealed record PublishedImage(ManifestDocument Root, Platform? Platform, IReadOnlyList<ImageReference> References, string? RefName)
{
    /// <summary>Refuses names before anything is fetched.</summary>
    /// <exception cref="InputException">A name is no image's name.</exception>
    public static void RequireNames(IReadOnlyList<ImageReference> references, string? refName)
    {
        foreach (var reference in references) reference.RequireWritable();
        if (refName is not null) new ImageReference("", refName).RequireWritable();
    }

    /// <summary>The names, each with its tag.</summary>
    internal IReadOnlyList<ImageReference> NamesWithTags => [.. References.Select(reference => reference.WithTag).Distinct()];
}
