using System.Text.Json;
using OverlayImg.FileSystems;
using OverlayImg.Images;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Builders.Pages;

/// <summary>Writes the data about an image that every page has. Texts are printable, and long texts are cut.</summary>
internal static class PageImage
{
    private const int MaximumFields = 500;

    /// <summary>Writes the members <c>name</c>, <c>id</c>, <c>digest</c> and <c>platform</c>.</summary>
    public static void WriteNames(Utf8JsonWriter writer, Image image)
    {
        var config = image.Config;
        writer.WriteString("name", Page.Cut(image.DisplayName));
        writer.WriteString("id", config.Id.ToString());
        if (image.Manifest is { } manifest) writer.WriteString("digest", manifest.Digest.ToString());
        writer.WriteString("platform", Page.Cut(config.Platform.ToString()));
    }

    /// <summary>Writes the member <c>config</c>: pairs of a field and its value, without the layers and the history; then the annotations.</summary>
    public static void WriteConfig(Utf8JsonWriter writer, Image image)
    {
        var fields = ConfigFields.Of(image.Config).Where(field => !IsAboutLayers(field.Key))
            .Concat(image.Annotations.Select(annotation => KeyValuePair.Create(
                $"annotation {JsonInput.Printable(annotation.Key)}", JsonInput.Printable(annotation.Value)))).ToArray();
        writer.WriteStartArray("config");
        foreach (var (field, value) in fields.Take(MaximumFields))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(Page.Cut(field));
            writer.WriteStringValue(Page.Cut(value));
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteNumber("omittedFields", Math.Max(fields.Length - MaximumFields, 0));
    }

    /// <summary>The path of a file as people write it, printable.</summary>
    public static string PathOf(ByteString path) => "/" + DisplayName.Of(path.Span);

    private static bool IsAboutLayers(string field) =>
        field.StartsWith("rootfs.", StringComparison.Ordinal) || field.StartsWith("history[", StringComparison.Ordinal);
}
