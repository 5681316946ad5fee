using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Images.Digests;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Layers.Reuse;

/// <summary>What is told of a layer that a run made, beside where it is.</summary>
internal sealed record ResultReport
{
    /// <summary>Digest of layer.tar.</summary>
    public required Digest DiffId { get; init; }

    /// <summary>TarSum of layer.tar.</summary>
    public required string Checksum { get; init; }

    /// <summary>Size of layer.tar in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Number of entries, whiteouts among them.</summary>
    public required int Entries { get; init; }

    /// <summary>Number of whiteouts.</summary>
    public required int Whiteouts { get; init; }

    /// <summary>What the guest ran on.</summary>
    public required string Accelerator { get; init; }

    /// <summary>What was warned of while it was made.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>What is told of the guest where the result is reused.</summary>
    public GuestRun Guest => new(Accelerator, GuestStart.None, Mounted: false, Network: false, OutFile: null);

    /// <summary>Reads what <see cref="ToText"/> gave; null for anything else.</summary>
    public static ResultReport? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var json = document.RootElement;
            if (!Digest.TryParse(json.GetProperty("diffId").GetString(), out var diffId)) return null;
            return new()
            {
                DiffId = diffId,
                Checksum = json.GetProperty("checksum").GetString()!,
                Size = json.GetProperty("size").GetInt64(),
                Entries = json.GetProperty("entries").GetInt32(),
                Whiteouts = json.GetProperty("whiteouts").GetInt32(),
                Accelerator = json.GetProperty("accelerator").GetString()!,
                Warnings = [.. json.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!)],
            };
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>All of it as text.</summary>
    public string ToText() => new JsonObject
    {
        ["diffId"] = DiffId.ToString(),
        ["checksum"] = Checksum,
        ["size"] = Size,
        ["entries"] = Entries,
        ["whiteouts"] = Whiteouts,
        ["accelerator"] = Accelerator,
        ["warnings"] = new JsonArray([.. Warnings.Select(warning => JsonValue.Create(warning))]),
    }.ToJsonString();
}
