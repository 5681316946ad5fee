using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Layouts;

/// <summary>
/// An image in the table of contents of an archive or a layout: its names and its descriptors. The entry can be used as long as the source is open.
/// </summary>
public abstract class ImageEntry
{
    /// <summary>The names of the image in the archive or layout: often one, sometimes none.</summary>
    public abstract IReadOnlyList<ImageReference> References { get; }

    /// <summary>The descriptors of the image in <c>index.json</c>: mostly one, of a manifest or an index; none in a docker-archive.</summary>
    public virtual IReadOnlyList<Descriptor> Descriptors => [];

    /// <summary>The names of the image by the annotation <c>org.opencontainers.image.ref.name</c>.</summary>
    public virtual IReadOnlyList<string> RefNames => [];

    /// <summary>Whether the entry is an artifact and not an image.</summary>
    public virtual bool IsArtifact => false;

    /// <summary>Reads the manifest and the config of the image, no layers.</summary>
    /// <param name="platform">The platform that the image must be for. Null for any; a multi-platform image then gives the host's platform.</param>
    /// <exception cref="InputException">The image is broken, or not for the platform.</exception>
    public Image Load(Platform? platform)
    {
        var image = Read(platform);
        if (platform is not null) image.Config.Require(platform);
        return image;
    }

    /// <summary>Reads the image; the platform matters only for a multi-platform image.</summary>
    protected abstract Image Read(Platform? platform);
}

/// <summary>An image that was read with the table of contents.</summary>
internal sealed class ReadEntry(Image image) : ImageEntry
{
    /// <inheritdoc/>
    public override IReadOnlyList<ImageReference> References => image.References;

    /// <inheritdoc/>
    protected override Image Read(Platform? platform) => image;
}
