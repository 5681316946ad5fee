using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OverlayImg.FileSystems;

namespace OverlayImg.Builders.Pages;

/// <summary>
/// Composes a self-contained HTML page of a template, a style, scripts and data. The text of an image is data only: the page has it as JSON in an
/// element that browsers don't execute, and the scripts show it as text. The page's Content-Security-Policy (W3C, CSP Level 3) forbids every load,
/// and every script and style except the page's own.
/// </summary>
internal static partial class Page
{
    /// <summary>The largest number of characters of a text from the image, such as the command of a layer. Longer texts are cut.</summary>
    public const int LongestText = 2000;

    /// <summary>Composes a page.</summary>
    /// <param name="template">Name of the page's body and of its script.</param>
    /// <param name="title">The title of the window, unescaped.</param>
    /// <param name="writeData">Writes the members of the page's data.</param>
    public static byte[] Compose(string template, string title, Action<Utf8JsonWriter> writeData)
    {
        var style = Asset("page.css");
        var script = string.Concat(((string[])["page.js", "treemap.js", $"{template}.js"]).Select(Asset));
        var parts = new Dictionary<string, string>
        {
            ["title"] = WebUtility.HtmlEncode(title),
            ["policy"] = $"default-src 'none'; script-src '{HashOf(script)}'; style-src '{HashOf(style)}'; base-uri 'none'; form-action 'none'",
            ["style"] = style,
            ["script"] = script,
            ["body"] = Asset($"{template}.html"),
            ["data"] = DataText(writeData),
        };
        // One pass over the template: a text of the image that looks like a placeholder is not replaced.
        return Encoding.UTF8.GetBytes(Placeholder().Replace(Asset("page.html"), match => parts[match.Groups[1].Value]));
    }

    /// <summary>Cuts a text that is longer than <paramref name="longest"/> characters.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Cut(string? text, int longest = LongestText) => text is null ? null : DisplayName.Cut(text, longest, "…");

    // The default encoder escapes everything except printable ASCII, and of ASCII also <, > and &. No text can end the element of the data.
    private static string DataText(Action<Utf8JsonWriter> writeData)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            writeData(writer);
            writer.WriteEndObject();
        }

        return Encoding.ASCII.GetString(text.WrittenSpan);
    }

    private static string HashOf(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Asset(string name)
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream($"pages/{name}")
            ?? throw new InvalidOperationException($"The assembly has no resource pages/{name}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("{{([a-z]+)}}")]
    private static partial Regex Placeholder();
}
