namespace OverlayImg.Builders;

/// <summary>Which image of which archive.</summary>
/// <param name="Path">The archive; <c>-</c> for stdin.</param>
/// <param name="Name">Image name, also <c>NAME:TAG</c>; or null.</param>
/// <param name="Tag">Image tag, or null.</param>
public sealed record BaseImageChoice(string Path, string? Name, string? Tag)
{
    /// <summary>Whether the archive comes from standard input.</summary>
    public bool IsStandardInput => Path == "-";

    /// <summary>
    /// Reads what a user wrote: a path, or one with a transport as skopeo writes it (<c>docker-archive:PATH[:NAME:TAG]</c>, <c>oci-archive:PATH[:TAG]</c>).
    /// Other transports stay as they are: opening them tells what to do.
    /// </summary>
    /// <param name="image">The text.</param>
    /// <param name="name">Name asked for besides; it wins over the text's.</param>
    /// <param name="tag">Tag asked for besides; it wins over the text's.</param>
    /// <exception cref="InputException">It chooses the image by its number.</exception>
    public static BaseImageChoice Parse(string image, string? name, string? tag)
    {
        if (WithoutTransport(image, "oci:") is { } layout) return new(layout, name, tag);
        if (WithoutTransport(image, "docker-archive:") is { } docker)
        {
            var (path, reference) = Divide(docker);
            return new(path, name ?? reference, tag);
        }

        if (WithoutTransport(image, "oci-archive:") is { } oci)
        {
            var (path, reference) = Divide(oci);
            return new(path, name, tag ?? reference);
        }

        return new(image, name, tag);
    }

    private static string? WithoutTransport(string image, string transport) =>
        image.StartsWith(transport, StringComparison.Ordinal) ? image[transport.Length..] : null;

    // As skopeo: behind a transport the first colon ends the path.
    private static (string Path, string? Reference) Divide(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return (text, null);
        var (path, reference) = (text[..colon], text[(colon + 1)..]);
        if (reference.StartsWith('@'))
        {
            throw new InputException("can't choose an image by its number", new(text)) { Advice = "Choose it by --from-name and --from-tag." };
        }

        return (path, reference.Length == 0 ? null : reference);
    }
}
