using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Images.Json;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>The <c>json</c> file of a layer before the checksum is added, as dockerTools writes it.</summary>
internal static class BaseJson
{
    /// <summary>dockerTools' default: no config, and a creation time of one second after 1970 began.</summary>
    private const string Default = """{"architecture":"ARCHITECTURE","config":null,"created":"1970-01-01T00:00:01Z","os":"linux"}""";

    /// <summary>Reads <paramref name="path"/>; a null path gives the default for <paramref name="architecture"/>.</summary>
    /// <exception cref="InputException">The file can't be read, is no JSON object, has a key twice, or is larger than 4 MiB.</exception>
    public static async Task<JsonObject> ReadAsync(string? path, string architecture, CancellationToken cancellationToken)
    {
        if (path is null) return JsonNode.Parse(Default.Replace("ARCHITECTURE", architecture, StringComparison.Ordinal))!.AsObject();
        // Duplicate keys are refused, because the checksum must not depend on which of them wins.
        return await JsonObjectText.ReadAsync(path, cancellationToken);
    }

    /// <summary>The bytes of the <c>json</c> file: <paramref name="baseJson"/> with <c>checksum</c> set, formatted like jshon's output.</summary>
    public static byte[] WithChecksum(JsonObject baseJson, string checksum)
    {
        var json = baseJson.DeepClone().AsObject();
        json["checksum"] = checksum;
        using var document = JsonDocument.Parse(json.ToJsonString());
        return JshonText.Write(document.RootElement);
    }
}
