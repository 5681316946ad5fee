using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>The type of the attribute <c>copy</c>: a list of texts and objects.</summary>
internal static class SpecCopies
{
    private const string Field = @"([^:\\]|\\[\s\S]|\\$)";

    /// <summary>The copies in their order. A relative source starts at the directory of the spec.</summary>
    public static SpecType<IReadOnlyList<ContentsSource>> Type { get; } = new(
        "a list of copies, each {\"src\", \"dst\", \"owner\", \"group\"} or a text SRC:DST[:OWNER[:GROUP]]",
        new()
        {
            ["type"] = new JsonArray("array"),
            ["items"] = new JsonObject { ["anyOf"] = new JsonArray(TextSchema(), ObjectSchema()) },
        },
        Read);

    private static JsonObject TextSchema() => new()
    {
        ["type"] = "string",
        ["pattern"] = $"^(?!-:){Field}+:{Field}+(:{Field}*){{0,2}}$",
    };

    private static JsonObject ObjectSchema()
    {
        var owner = new JsonObject { ["type"] = new JsonArray("string", "integer", "null"), ["minimum"] = 0, ["maximum"] = uint.MaxValue - 1L };
        return new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["src"] = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["not"] = new JsonObject { ["const"] = "-" } },
                ["dst"] = new JsonObject { ["type"] = "string", ["minLength"] = 1 },
                ["owner"] = owner,
                ["group"] = owner.DeepClone(),
            },
            ["required"] = new JsonArray("src", "dst"),
            ["additionalProperties"] = false,
        };
    }

    private static ContentsSource[]? Read(JsonNode value, SpecPlace place)
    {
        if (value is not JsonArray items) return null;
        ContentsSource?[] copies = [.. items.Select(Copy)];
        return copies.All(copy => copy is not null) ? [.. copies.Select(copy => copy! with { Path = place.ResolveFile(copy.Path) })] : null;
    }

    private static ContentsSource? Copy(JsonNode? item) => item switch
    {
        JsonObject members => Copy(members),
        JsonValue text when text.TryGetValue<string>(out var copy) => CopyTarget.Parse(copy),
        _ => null,
    };

    private static ContentsSource? Copy(JsonObject members)
    {
        string[] names = ["src", "dst", "owner", "group"];
        if (members.Any(member => !names.Contains(member.Key))) return null;
        if (members["src"] is not JsonValue source || !source.TryGetValue<string>(out var path)) return null;
        if (members["dst"] is not JsonValue destination || !destination.TryGetValue<string>(out var target)) return null;
        return TryReadOwner(members["owner"], out var owner) && TryReadOwner(members["group"], out var group)
            ? CopyTarget.Of(path, target, owner, group) : null;
    }

    private static bool TryReadOwner(JsonNode? value, out string? owner)
    {
        owner = null;
        if (value is null) return true;
        if (value is not JsonValue scalar) return false;
        if (scalar.TryGetValue(out owner)) return true;
        if (value.GetValueKind() != JsonValueKind.Number || !scalar.TryGetValue(out long number) || number is < 0 or >= uint.MaxValue) return false;
        owner = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return true;
    }
}
