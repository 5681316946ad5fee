using System.Text.Json;
using OverlayImg.FileSystems;

namespace OverlayImg.Images.Archives;

/// <summary>Recognizes a file tree that is a saved image rather than the files of an image.</summary>
public static class ImageShape
{
    // The limit for manifest.json of an archive, in bytes.
    private const int MaximumLength = 20 << 20;

    /// <summary>
    /// Returns the format in words for a message: a docker-archive (moby, image/tarexport) or an OCI layout (OCI Image
    /// Specification, image-layout); null for neither.
    /// </summary>
    public static string? Of(FileTree tree)
    {
        var isLayout = tree.Find("oci-layout"u8) is RegularFileNode && tree.Find("index.json"u8) is RegularFileNode;
        if (isLayout) return "an OCI image layout";
        return tree.Find("manifest.json"u8) is RegularFileNode { Content.Length: <= MaximumLength } manifest && IsManifest(manifest.Content)
            ? "a docker-archive of images" : null;
    }

    private static bool IsManifest(FileContent content)
    {
        var text = new byte[content.Length];
        content.Read(0, text);
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement is { ValueKind: JsonValueKind.Array } images
                && images.GetArrayLength() > 0 && images.EnumerateArray().All(IsImage);
        }
        catch (JsonException)
        {
            // Any file may be named manifest.json.
            return false;
        }
    }

    private static bool IsImage(JsonElement image) =>
        image.ValueKind == JsonValueKind.Object && image.TryGetProperty("Config", out var config) && config.ValueKind == JsonValueKind.String
        && image.TryGetProperty("Layers", out var layers) && layers.ValueKind == JsonValueKind.Array;
}
