using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Locations;

/// <summary>The user's choice of an image in an archive, a layout or a registry.</summary>
/// <param name="Location">The archive, the layout or the registry.</param>
/// <param name="Name">Image name, also <c>NAME:TAG</c>; null for any.</param>
/// <param name="Tag">Image tag, or the whole ref name of an image in a layout; null for any.</param>
/// <param name="Platform">Platform of the image; null for any, and for the host's platform in a multi-platform image.</param>
public sealed record ImageChoice(ImageLocation Location, string? Name, string? Tag, Platform? Platform = null)
{
    /// <summary>Whether the image is read from standard input.</summary>
    public bool IsStandardInput => Location is PathLocation { Path: PathLocation.StandardInput };

    /// <summary>Whether the choice names one image, and not all images at the location.</summary>
    public bool ChoosesOne => (Name ?? Tag) is not null;

    /// <summary>
    /// Parses an image as users write it: a path, <c>rootfs:PATH</c>, <c>scratch</c>, or a transport of skopeo
    /// (<c>docker-archive:PATH[:NAME:TAG]</c>, <c>oci-archive:PATH[:TAG]</c>, <c>oci:DIRECTORY[:TAG]</c>,
    /// <c>docker://NAME[:TAG|@DIGEST]</c>). A text with another transport is parsed as a path; the error at opening
    /// that path has the advice.
    /// </summary>
    /// <param name="name">Name from an option; takes precedence over the name in the text. Null for none.</param>
    /// <param name="tag">Tag from an option; takes precedence over the tag in the text. Null for none.</param>
    /// <param name="access">Registry access; null for the default options.</param>
    /// <exception cref="InputException">The text is empty, chooses an image by its number, or has a wrong registry reference.</exception>
    public static ImageChoice Parse(string image, string? name, string? tag, Platform? platform = null, RegistryOptions? access = null)
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

        if (image is "rootfs:" or "")
            throw new InputException("names no file", new(image.Length == 0 ? "''" : image)) { Advice = "Give the path of an image." };
        if (TransportText.After("rootfs:", image) is { } root)
            return new(new PathLocation(root) { Form = ArchiveForm.RootFileSystem }, name, tag, platform);
        if (image == ScratchLocation.Word) return new(new ScratchLocation(), name, tag, platform);
        return new(new PathLocation(image), name, tag, platform);
    }
}
