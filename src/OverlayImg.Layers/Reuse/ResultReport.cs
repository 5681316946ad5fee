using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Overlay;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Layers.Reuse;

/// <summary>The report on a layer that a run made, without its location.</summary>
internal sealed record ResultReport
{
    /// <summary>Digest of layer.tar, the layer's diff ID.</summary>
    public required Digest DiffId { get; init; }

    /// <summary>TarSum of layer.tar.</summary>
    public required string Checksum { get; init; }

    /// <summary>Size of layer.tar in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Number of entries, whiteouts included.</summary>
    public required int Entries { get; init; }

    /// <summary>Number of whiteouts.</summary>
    public required int Whiteouts { get; init; }

    /// <summary>What the layer changes in the base image.</summary>
    public required LayerChanges Changes { get; init; }

    /// <summary>The guest's accelerator: <c>kvm</c> or <c>tcg</c>.</summary>
    public required string Accelerator { get; init; }

    /// <summary>The warnings of the run that made the layer.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The report on the guest if the result is reused.</summary>
    /// <param name="network">Whether the scripts had a network when the result was made.</param>
    public GuestRun GuestOf(bool network) => new(Accelerator, GuestStart.None, Mounted: false, network, OutFile: null);

    /// <summary>Parses the text of <see cref="ToText"/>; null for any other text.</summary>
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
                Changes = new(Change("added"), Change("changed"), Change("deleted")),
                Accelerator = json.GetProperty("accelerator").GetString()!,
                Warnings = [.. json.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!)],
            };

            int Change(string name) => json.GetProperty("changes").GetProperty(name).GetInt32();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Returns the report as JSON.</summary>
    public string ToText() => new JsonObject
    {
        ["diffId"] = DiffId.ToString(),
        ["checksum"] = Checksum,
        ["size"] = Size,
        ["entries"] = Entries,
        ["whiteouts"] = Whiteouts,
        ["changes"] = new JsonObject { ["added"] = Changes.Added, ["changed"] = Changes.Changed, ["deleted"] = Changes.Deleted },
        ["accelerator"] = Accelerator,
        ["warnings"] = new JsonArray([.. Warnings.Select(warning => JsonValue.Create(warning))]),
    }.ToJsonString();
}
