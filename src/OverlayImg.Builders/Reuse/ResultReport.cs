using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Images;

namespace OverlayImg.Builders;

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
    public GuestRun Guest => new(Accelerator, GuestStart.None, Network: false, OutFile: null);

    /// <summary>Reads what <see cref="ToText"/> gave; null for anything else.</summary>
    public static ResultReport? Parse(string text)
    {
        try
        {
            var json = JsonNode.Parse(text)!;
            return new()
            {
                DiffId = Digest.TryParse((string?)json["diffId"], out var diffId) ? diffId : throw new FormatException(),
                Checksum = (string)json["checksum"]!,
                Size = (long)json["size"]!,
                Entries = (int)json["entries"]!,
                Whiteouts = (int)json["whiteouts"]!,
                Accelerator = (string)json["accelerator"]!,
                Warnings = [.. json["warnings"]!.AsArray().Select(warning => (string)warning!)],
            };
        }
        catch (Exception exception) when (exception is JsonException or NullReferenceException or InvalidOperationException or FormatException or ArgumentNullException)
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
