using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Layers.Scripts;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>The types of values in image specs.</summary>
internal static class SpecTypes
{
    private const int MostMiB = 1 << 24;
    private const int MostLayers = 10_000;

    public static SpecType<string> Text { get; } = new("a text", new() { ["type"] = "string" }, (value, _) => TextOf(value));

    public static SpecType<string> Path { get; } = new(
        "a path", new() { ["type"] = "string", ["minLength"] = 1 },
        (value, place) => TextOf(value) is { Length: > 0 } path ? place.Resolve(path) : null);

    public static SpecType<string> Image { get; } = new(
        "an image: a path, docker://NAME or scratch", new() { ["type"] = "string", ["minLength"] = 1 },
        (value, place) => TextOf(value) is { Length: > 0 } image ? place.ResolveImage(image) : null);

    public static SpecType<IReadOnlyList<string>> Paths { get; } = new(
        "a path or a list of paths",
        new()
        {
            ["type"] = new JsonArray("string", "array"),
            ["minLength"] = 1,
            ["items"] = new JsonObject { ["type"] = "string", ["minLength"] = 1 },
        },
        ReadPaths);

    /// <summary>The text of a script. An empty text means no script, as in Nix.</summary>
    public static SpecType<string> Script { get; } = new("the text of a script", new() { ["type"] = "string" }, (value, _) => TextOf(value));

    /// <summary>Texts of commands, which <c>/bin/sh -e -c</c> runs one by one.</summary>
    public static SpecType<IReadOnlyList<Script>> Commands { get; } = new(
        "a list of commands",
        new()
        {
            ["type"] = "array",
            ["maxItems"] = JobStep.MaximumCount - 1,
            ["items"] = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = JobStep.MaximumCommandsLength },
        },
        (value, _) => ReadCommands(value));

    public static SpecType<JsonObject> Object { get; } = new(
        "an object", new() { ["type"] = "object" }, (value, _) => value as JsonObject);

    public static SpecType<IReadOnlyDictionary<string, string>> Texts { get; } = new(
        "an object whose values are texts",
        new()
        {
            ["type"] = "object",
            ["propertyNames"] = new JsonObject { ["minLength"] = 1 },
            ["additionalProperties"] = new JsonObject { ["type"] = "string" },
        },
        (value, _) => ReadTexts(value));

    public static SpecType<string> Created { get; } = new(
        "\"now\" or a time in ISO 8601", new() { ["type"] = "string", ["pattern"] = "^(now|[0-9]{4}-?[0-9]{2}-?[0-9]{2}.*)$" },
        (value, _) => TextOf(value) is { } text ? CreationTime.Parse(text) : null);

    public static SpecType<string> Architecture { get; } = new(
        "the name of an architecture in Go, such as amd64", new() { ["type"] = "string", ["pattern"] = "^[a-z0-9]+$" },
        (value, _) => TextOf(value) is { Length: > 0 } text && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)) ? text : null);

    public static SpecType<string> Variant { get; } = new(
        "a variant of an architecture, such as v7", new() { ["type"] = "string", ["pattern"] = "^[a-z0-9.]*$" },
        (value, _) => TextOf(value) is { } text && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '.') ? text : null);

    /// <summary>The type of an attribute that must be null or left out.</summary>
    public static SpecType<object> Null { get; } = new("null", new() { ["enum"] = new JsonArray((JsonNode?)null) }, (_, _) => null);

    public static SpecType<object> False { get; } = new(
        "false", new() { ["enum"] = new JsonArray(false, null) }, (value, _) => value.GetValueKind() == JsonValueKind.False ? false : null);

    public static SpecType<object> Boolean { get; } = new(
        "true or false", new() { ["type"] = "boolean" },
        (value, _) => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? value.GetValue<bool>() : null);

    public static SpecType<object> Owner { get; } = Number("the number of a user or group", 0, uint.MaxValue - 1L);

    /// <summary>A size in MiB, from 1 MiB to 16 TiB.</summary>
    public static SpecType<object> Size { get; } = Number("a number of MiB", 1, MostMiB);

    /// <summary>A modification time in whole seconds, as a <see cref="Timestamp"/>.</summary>
    public static SpecType<object> FileTime { get; } = new(
        Created.Form, Created.Schema.DeepClone().AsObject(), (value, _) => TextOf(value) is { } text ? CreationTime.ParseFileTime(text) : null);

    public static SpecType<object> LayerCount { get; } = Number("a number of layers", 2, MostLayers);

    public static SpecType<object> Layering { get; } = new(
        "\"auto\", \"popularity\", \"one-per-path\" or \"dpkg\"",
        new() { ["enum"] = new JsonArray("auto", "popularity", "one-per-path", "dpkg", null) },
        (value, _) => TextOf(value) switch
        {
            "auto" => LayeringStrategy.Auto,
            "popularity" => LayeringStrategy.Popularity,
            "one-per-path" => LayeringStrategy.OnePerPath,
            "dpkg" => LayeringStrategy.Dpkg,
            _ => null,
        });

    public static SpecType<object> Compressor { get; } = new(
        "\"none\", \"gz\" or \"zstd\"", new() { ["enum"] = new JsonArray("none", "gz", "zstd", null) },
        (value, _) => TextOf(value) switch
        {
            "none" => CompressionFormat.None,
            "gz" => CompressionFormat.Gzip,
            "zstd" => CompressionFormat.Zstd,
            _ => null,
        });

    private static SpecType<object> Number(string form, long least, long most) => new(
        form, new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most },
        (value, _) => value is JsonValue json && json.GetValueKind() == JsonValueKind.Number && json.TryGetValue(out long number)
            && number >= least && number <= most ? number : null);

    private static string? TextOf(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static Dictionary<string, string>? ReadTexts(JsonNode value)
    {
        if (value is not JsonObject members) return null;
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, member) in members)
        {
            if (name.Length == 0 || member is null || TextOf(member) is not { } text) return null;
            texts.Add(name, text);
        }

        return texts;
    }

    private static Script[]? ReadCommands(JsonNode value)
    {
        if (value is not JsonArray { Count: < JobStep.MaximumCount } items) return null;
        Script[] commands = [.. items.Select(item => item is null ? null : TextOf(item)).OfType<string>().Select(Layers.Scripts.Script.Commands)];
        return commands.Length == items.Count && commands.All(step =>
            step.Text.Length is > 0 and <= JobStep.MaximumCommandsLength && !step.Text.Span.Contains((byte)0)) ? commands : null;
    }

    private static string[]? ReadPaths(JsonNode value, SpecPlace place)
    {
        JsonNode?[] items = value is JsonArray array ? [.. array] : [value];
        string?[] paths = [.. items.Select(item => item is null ? null : TextOf(item))];
        return paths.All(path => path is { Length: > 0 }) ? [.. paths.Select(path => place.Resolve(path!))] : null;
    }
}
