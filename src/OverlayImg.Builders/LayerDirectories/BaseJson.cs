using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Images.Json;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>The layer's <c>json</c> before the checksum is added (spec dockertools, 1.9 and 1.11).</summary>
internal static class BaseJson
{
    /// <summary>What dockerTools starts from where the user gives nothing: no config, created at the epoch.</summary>
    private const string Default = """{"architecture":"ARCHITECTURE","config":null,"created":"1970-01-01T00:00:01Z","os":"linux"}""";

    /// <summary>Reads <paramref name="path"/>, or makes the default one for <paramref name="architecture"/>.</summary>
    /// <exception cref="InputException">The file can't be read, is no JSON object, or is larger than 4 MiB.</exception>
    public static async Task<JsonObject> ReadAsync(string? path, string architecture, CancellationToken cancellationToken)
    {
        if (path is null) return JsonNode.Parse(Default.Replace("ARCHITECTURE", architecture, StringComparison.Ordinal))!.AsObject();
        // A layer's json is small, and what depends on which of two equal keys wins must not go into a checksum.
        return await JsonObjectText.ReadAsync(path, cancellationToken);
    }

    /// <summary>The bytes of the layer's <c>json</c>: <paramref name="baseJson"/> with <c>checksum</c> set, printed as jshon prints it.</summary>
    public static byte[] WithChecksum(JsonObject baseJson, string checksum)
    {
        var json = baseJson.DeepClone().AsObject();
        json["checksum"] = checksum;
        using var document = JsonDocument.Parse(json.ToJsonString());
        return JshonText.Write(document.RootElement);
    }
}
