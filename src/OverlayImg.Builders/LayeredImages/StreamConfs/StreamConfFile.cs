using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Builders.NewImages;
using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.Images.Json;

namespace OverlayImg.Builders.LayeredImages.StreamConfs;

/// <summary>
/// Reads the JSON file of nixpkgs' stream script. Unknown keys are ignored, as by the script. Keys of newer nixpkgs versions have defaults: the
/// modification time is the creation time of the image, the owner is root, and the store is <c>/nix/store</c>.
/// </summary>
internal sealed class StreamConfFile
{
    private const string DefaultStore = "/nix/store";

    private readonly JsonObject _json;
    private readonly InputLocation _where;

    private StreamConfFile(JsonObject json, InputLocation where) => (_json, _where) = (json, where);

    /// <summary>Reads the file; <c>-</c> is stdin.</summary>
    /// <exception cref="InputException">The file can't be read, a key is missing, or a value has the wrong type.</exception>
    public static async Task<StreamConf> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var json = await JsonObjectText.ReadAsync(path, cancellationToken);
        return new StreamConfFile(json, new(path == "-" ? "stdin" : path)).Read();
    }

    private StreamConf Read()
    {
        var store = StorePaths.Directory(ByteString.FromText(Text("store_dir", DefaultStore)));
        return new()
        {
            Architecture = Text("architecture"),
            Config = _json["config"] as JsonObject ?? (_json["config"] is null ? null : throw Wrong("config", "an object")),
            Created = Time("created"),
            FileTime = new(_json["mtime"] is null ? Time("created").Seconds : Time("mtime").Seconds),
            Owner = new(Id("uid"), Id("gid"), Text("uname", StoreOwner.Root.Uname), Text("gname", StoreOwner.Root.Gname)),
            FromImage = _json["from_image"] is null ? null : Text("from_image"),
            StoreLayers =
            [
                .. List(_json["store_layers"]).Select(layer => (IReadOnlyList<ByteString>)[.. List(layer).Select(path => StorePath(path, store))]),
            ],
            CustomisationLayer = Text("customisation_layer"),
            RepoTag = Text("repo_tag"),
        };
    }

    private string Text(string key, string? otherwise = null) => _json[key] switch
    {
        null when otherwise is not null => otherwise,
        null => throw new InputException($"has no {key}", _where) { Advice = "Give the JSON file that nixpkgs makes for stream_layered_image.py." },
        JsonValue value when value.TryGetValue(out string? text) =>
            text.Contains('\0', StringComparison.Ordinal) ? throw Wrong(key, "a text without NUL") : text,
        _ => throw Wrong(key, "a text"),
    };

    private PythonTime Time(string key) => PythonTime.Parse(Text(key)) ?? throw Wrong(key, "\"now\" or a time in ISO 8601");

    // The script accepts the number as a string, too.
    private uint Id(string key)
    {
        if (_json[key] is null) return 0;
        var text = _json[key]!.GetValueKind() is JsonValueKind.String or JsonValueKind.Number ? _json[key]!.ToString() : "";
        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue
            ? id : throw Wrong(key, "the number of a user or group");
    }

    private JsonArray List(JsonNode? value) => value as JsonArray ?? throw Wrong("store_layers", "a list of lists of store paths");

    private ByteString StorePath(JsonNode? value, ByteString store)
    {
        if (value is not JsonValue text || !text.TryGetValue(out string? path)) throw Wrong("store_layers", "a list of lists of store paths");
        var storePath = ByteString.FromText(path);
        return StorePaths.IsIn(storePath, store) ? storePath
            : throw new InputException($"names '{storePath}', which is no path directly in the store {store}", _where)
            {
                Advice = "Check the key store_dir of the file.",
            };
    }

    private InputException Wrong(string key, string form) => new($"{key} should be {form}", _where);
}
