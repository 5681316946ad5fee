using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Layouts;

/// <summary>An entry to write into a layout's <c>index.json</c>.</summary>
/// <param name="Document">Descriptor of the manifest or index.</param>
/// <param name="RefName">Name in <c>org.opencontainers.image.ref.name</c>, by which readers select the image; null for none.</param>
public sealed record LayoutEntry(Descriptor Document, string? RefName)
{
    /// <summary>The full reference in <c>io.containerd.image.name</c>, for containerd and docker; null for none.</summary>
    public string? FullName { get; init; }

    /// <summary>
    /// Whether the full name replaces <see cref="RefName"/> if an image of another full name already has that ref name,
    /// so that the layout keeps both images.
    /// </summary>
    public bool GivesWay { get; init; }
}
