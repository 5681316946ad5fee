using OverlayImg.Images.Settings;

namespace OverlayImg.Images.Locations;

/// <summary>Takes apart what stands behind a transport as skopeo writes it: a path, and what is chosen there.</summary>
public static class TransportText
{
    /// <summary>What stands behind the transport; null where the text is of another.</summary>
    public static string? After(string transport, string text) => text.StartsWith(transport, StringComparison.Ordinal) ? text[transport.Length..] : null;

    /// <summary>As skopeo: the first colon ends the path. The reference is null where there is none.</summary>
    /// <exception cref="InputException">It chooses the image by its number.</exception>
    public static (string Path, string? Reference) Divide(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return (text, null);
        var (path, reference) = (text[..colon], text[(colon + 1)..]);
        if (reference.StartsWith('@'))
        {
            throw new InputException("can't choose an image by its number", new(text))
            {
                Advice = new("Choose it by name and tag.", ImageSetting.Name, ImageSetting.Tag),
            };
        }

        return (path, reference.Length == 0 ? null : reference);
    }

    /// <summary>As <see cref="Divide"/>, unless a directory is there that has all of the text as its name.</summary>
    /// <exception cref="InputException">It chooses the image by its number.</exception>
    public static (string Path, string? Reference) DivideDirectory(string text) => Directory.Exists(text) ? (text, null) : Divide(text);
}
