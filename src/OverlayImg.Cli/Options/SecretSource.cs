using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Cli.Options;

/// <summary>A value of <c>--secret</c>.</summary>
/// <param name="Name">Name of the file in <c>/run/secrets</c>.</param>
/// <param name="Path">Path of the host's file; <c>-</c> for stdin.</param>
internal sealed record SecretSource(string Name, string Path)
{
    /// <summary>Parses <c>NAME=SRC</c>; null for anything else.</summary>
    public static SecretSource? Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && equals < text.Length - 1 && GuestSecret.IsValidName(text[..equals]) ? new(text[..equals], text[(equals + 1)..]) : null;
    }
}
