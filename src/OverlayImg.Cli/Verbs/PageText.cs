using System.Text.Json;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Verbs;

/// <summary>Tells about a page that <c>--html</c> wrote, for people and as JSON.</summary>
internal static class PageText
{
    /// <summary>Prints a line about the page.</summary>
    public static void Show(WrittenFile page, string subject, Reporter reporter) =>
        reporter.Line($"{(page.Path == "-" ? "stdout" : page.Path)}: a page about {subject}, {SizeText.Format(page.Length)}");

    /// <summary>Writes the member <c>html</c>.</summary>
    public static void Write(Utf8JsonWriter writer, WrittenFile page)
    {
        writer.WriteStartObject("html");
        writer.WriteString("path", page.Path);
        writer.WriteNumber("size", page.Length);
        writer.WriteEndObject();
    }
}
