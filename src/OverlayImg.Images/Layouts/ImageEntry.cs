using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Layouts;

/// <summary>What the table of contents of an archive or a layout says of one image: its names, and how to find it. Usable as long as the source is open.</summary>
public abstract class ImageEntry
{
    /// <summary>The names that it has there; often one, sometimes none.</summary>
    public abstract IReadOnlyList<ImageReference> References { get; }

    /// <summary>Its descriptors in <c>index.json</c>: mostly one, of a manifest or an index; none in a docker-archive.</summary>
    public virtual IReadOnlyList<Descriptor> Descriptors => [];

    /// <summary>Its names by the annotation <c>org.opencontainers.image.ref.name</c>, as they are written.</summary>
    public virtual IReadOnlyList<string> RefNames => [];

    /// <summary>Whether it turns out to be no image, but something else that is kept like one.</summary>
    public virtual bool IsArtifact => false;

    /// <summary>Reads its manifest and its config, no layers.</summary>
    /// <param name="platform">
    /// What it must be for. Null for any: of an image for several platforms then that for this machine.
    /// </param>
    /// <exception cref="InputException">It is broken, or not for the platform.</exception>
    public Image Load(Platform? platform)
    {
        var image = Read(platform);
        if (platform is not null) image.Config.Require(platform);
        return image;
    }

    /// <summary>As <see cref="Load"/>; the platform counts where there is a choice.</summary>
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
