using System.Globalization;
using System.Text.Json;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>A config's fields one by one, so that two configs can be compared.</summary>
public static class ConfigFields
{
    private const string Environment = "config.Env";

    /// <summary>
    /// Each field that says something, by the path to it: <c>config.Labels.maintainer</c>, <c>history[2].created_by</c>. Variables of the
    /// environment go by their names (<c>config.Env.PATH</c>), because their order means nothing. What is null or empty is left out: it means what
    /// a missing field means.
    /// </summary>
    /// <returns>Names and values, both fit for a message, sorted by name.</returns>
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
                    // Of a name that comes twice the last counts.
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
