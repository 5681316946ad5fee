using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Locations;

/// <summary>Which image of which archive or layout.</summary>
/// <param name="Location">Where.</param>
/// <param name="Name">Image name, also <c>NAME:TAG</c>; or null.</param>
/// <param name="Tag">Image tag, or a layout's whole ref name; or null.</param>
/// <param name="Platform">What the image must be for; null for any, and of an image for several platforms that for this machine.</param>
public sealed record BaseImageChoice(ImageLocation Location, string? Name, string? Tag, Platform? Platform = null)
{
    /// <summary>Whether it comes from standard input.</summary>
    public bool IsStandardInput => Location is PathLocation { Path: PathLocation.StandardInput };

    /// <summary>Whether an image is chosen, and not all that are there.</summary>
    public bool ChoosesOne => (Name ?? Tag) is not null;

    /// <summary>
    /// Reads what a user wrote: a path, or one with a transport as skopeo writes it (<c>docker-archive:PATH[:NAME:TAG]</c>, <c>oci-archive:PATH[:TAG]</c>,
    /// <c>oci:DIRECTORY[:TAG]</c>, <c>docker://NAME[:TAG|@DIGEST]</c>), <c>rootfs:PATH</c>, or <c>scratch</c>. Other transports stay as they are: opening them tells what to do.
    /// </summary>
    /// <param name="image">The text.</param>
    /// <param name="name">Name asked for besides; it wins over the text's.</param>
    /// <param name="tag">Tag asked for besides; it wins over the text's.</param>
    /// <param name="platform">What the image must be for, or null.</param>
    /// <param name="access">Registry access; null for the default options.</param>
    /// <exception cref="InputException">It chooses the image by its number, or is no reference to an image in a registry.</exception>
    public static BaseImageChoice Parse(string image, string? name, string? tag, Platform? platform = null, RegistryOptions? access = null)
    {
        if (image.StartsWith(RegistryReference.Transport, StringComparison.Ordinal))
            return new(new RegistryLocation(RegistryReference.Parse(image), access ?? new()), name, tag, platform);
        if (TransportText.After("oci:", image) is { } layout)
        {
            var (directory, reference) = TransportText.DivideDirectory(layout);
            return new(new LayoutLocation(directory), name, tag ?? reference, platform);
        }

        if (TransportText.After("docker-archive:", image) is { } docker)
        {
            var (path, reference) = TransportText.Divide(docker);
            return new(new PathLocation(path), name ?? reference, tag, platform);
        }

        if (TransportText.After("oci-archive:", image) is { } oci)
        {
            var (path, reference) = TransportText.Divide(oci);
            return new(new PathLocation(path) { Form = ArchiveForm.Layout }, name, tag ?? reference, platform);
        }

        if (image is "rootfs:" or "") throw new InputException("names no file", new(image.Length == 0 ? "''" : image)) { Advice = "Give the path of an image." };
        if (TransportText.After("rootfs:", image) is { } root) return new(new PathLocation(root) { Form = ArchiveForm.RootFileSystem }, name, tag, platform);
        if (image == ScratchLocation.Word) return new(new ScratchLocation(), name, tag, platform);
        return new(new PathLocation(image), name, tag, platform);
    }
}
