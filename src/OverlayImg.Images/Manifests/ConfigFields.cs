using System.Globalization;
using System.Text.Json;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>Lists the fields of an image config by their paths, so that two configs can be compared.</summary>
public static class ConfigFields
{
    private const string Environment = "config.Env";

    /// <summary>
    /// Returns every field of the config by its path, such as <c>config.Labels.maintainer</c> or
    /// <c>history[2].created_by</c>. Environment variables are listed by name (<c>config.Env.PATH</c>), because their
    /// order has no meaning. Null fields, empty objects and empty arrays are left out like missing fields.
    /// </summary>
    /// <returns>Paths and values, both printable in a message, sorted by path.</returns>
    public static IReadOnlyDictionary<string, string> Of(ImageConfig config)
    {
        using var document = JsonDocument.Parse(config.Bytes);
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var pending = new Stack<(string Name, JsonElement Value)>([("", document.RootElement)]);
        while (pending.TryPop(out var field))
        {
            var (name, value) = field;
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in value.EnumerateObject()) pending.Push((Member(name, member.Name), member.Value));
                    break;
                case JsonValueKind.Array when name == Environment:
                    // The last definition of a variable counts.
                    foreach (var (variable, text) in Variables(config)) fields[Member(name, variable)] = JsonInput.Printable(text);
                    break;
                case JsonValueKind.Array:
                    foreach (var (index, item) in value.EnumerateArray().Index())
                        pending.Push((string.Create(CultureInfo.InvariantCulture, $"{name}[{index}]"), item));
                    break;
                case JsonValueKind.Null:
                    break;
                default:
                    fields[name] = JsonInput.Printable(value.ToString());
                    break;
            }
        }

        return fields;
    }

    private static string Member(string parent, string name) =>
        parent.Length == 0 ? JsonInput.Printable(name) : $"{parent}.{JsonInput.Printable(name)}";

    private static IEnumerable<(string Name, string Value)> Variables(ImageConfig config)
    {
        foreach (var variable in config.Environment)
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            yield return equals < 0 ? (variable, "") : (variable[..equals], variable[(equals + 1)..]);
        }
    }
}
