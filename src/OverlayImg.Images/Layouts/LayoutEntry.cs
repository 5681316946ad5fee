using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Layouts;

/// <summary>An entry of a layout's <c>index.json</c> that is to be written.</summary>
/// <param name="Document">The manifest or index.</param>
/// <param name="RefName">The name by which readers of layouts choose (<c>org.opencontainers.image.ref.name</c>); null for none.</param>
public sealed record LayoutEntry(Descriptor Document, string? RefName)
{
    /// <summary>The full reference, for containerd and docker (<c>io.containerd.image.name</c>); null for none.</summary>
    public string? FullName { get; init; }

    /// <summary>
    /// Whether the ref name is only a suggestion: where an image of another full name has it already, the full name stands in its place, so that neither is lost.
    /// </summary>
    public bool GivesWay { get; init; }
}
