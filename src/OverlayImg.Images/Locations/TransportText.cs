using OverlayImg.Images.Settings;

namespace OverlayImg.Images.Locations;

/// <summary>Parses image texts with a transport, in skopeo's syntax: <c>TRANSPORT:PATH[:REFERENCE]</c>.</summary>
public static class TransportText
{
    /// <summary>Returns the text after a transport; null if the text does not begin with the transport.</summary>
    /// <param name="transport">The transport with its colon.</param>
    public static string? After(string transport, string text) =>
        text.StartsWith(transport, StringComparison.Ordinal) ? text[transport.Length..] : null;

    /// <summary>Splits a text into path and reference. As in skopeo, the first colon ends the path.</summary>
    /// <returns>The reference is null if the text has none.</returns>
    /// <exception cref="InputException">The text chooses an image by its number (<c>@0</c>).</exception>
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

    /// <summary>Splits a text like <see cref="Divide"/>, unless the whole text is the path of an existing directory.</summary>
    /// <exception cref="InputException">The text chooses an image by its number (<c>@0</c>).</exception>
    public static (string Path, string? Reference) DivideDirectory(string text) => Directory.Exists(text) ? (text, null) : Divide(text);
}
