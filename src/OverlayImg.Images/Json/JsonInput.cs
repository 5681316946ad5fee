using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Json;

/// <summary>A value of a JSON document from outside. Knows its place, so that each demand on it that fails says where.</summary>
public sealed class JsonInput
{
    private const int MaximumDepth = 64;
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = MaximumDepth };
    private static readonly JsonDocumentOptions WithDuplicates = new() { AllowDuplicateProperties = true, MaxDepth = MaximumDepth };

    private readonly JsonElement _element;
    private readonly string _name;
    private readonly InputLocation _where;

    private JsonInput(JsonElement element, string name, InputLocation where) => (_element, _name, _where) = (element, name, where);

    /// <summary>Parses a whole document.</summary>
    /// <param name="bytes">UTF-8.</param>
    /// <param name="where">For messages.</param>
    /// <param name="allowDuplicates">Whether a key may come twice; the last one counts.</param>
    /// <exception cref="InputException">No JSON, a key that comes twice (readers would differ in which counts), or text that is no UTF-8.</exception>
    public static JsonInput Parse(ReadOnlyMemory<byte> bytes, InputLocation where, bool allowDuplicates = false)
    {
        if (!Utf8.IsValid(bytes.Span)) throw new InputException("is not JSON: its text is not UTF-8", where);
        try
        {
            using var document = JsonDocument.Parse(bytes, allowDuplicates ? WithDuplicates : Options);
            return new(document.RootElement.Clone(), "", where);
        }
        catch (JsonException exception)
        {
            throw new InputException($"is not JSON as it should be: {DisplayName.Of(ByteString.FromText(exception.Message).Span)}", where, exception);
        }
    }

    /// <summary>Demands that every text of a sound document is Unicode: an escape such as <c>\ud800</c> alone stands for no character.</summary>
    /// <exception cref="InputException">One is not.</exception>
    public static void RequireUnicode(ReadOnlySpan<byte> bytes, InputLocation where)
    {
        var reader = new Utf8JsonReader(bytes, new() { MaxDepth = Options.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || !reader.ValueIsEscaped) continue;
            try
            {
                _ = reader.GetString();
            }
            catch (InvalidOperationException)
            {
                throw new InputException("has a text that is not Unicode", where with { Offset = reader.TokenStartIndex });
            }
        }
    }

    /// <summary>Whether it is <c>null</c>.</summary>
    public bool IsNull => _element.ValueKind == JsonValueKind.Null;

    /// <summary>Whether it is an array.</summary>
    public bool IsArray => _element.ValueKind == JsonValueKind.Array;

    /// <summary>Whether it is an object.</summary>
    public bool IsObject => _element.ValueKind == JsonValueKind.Object;

    /// <summary>Whether it is an object with the key, and a value other than null.</summary>
    public bool Has(string key) => Optional(key) is not null;

    /// <summary>The value of the key; null where it is missing or null, which mean the same in all formats of this field.</summary>
    public JsonInput? Optional(string key)
    {
        if (_element.ValueKind != JsonValueKind.Object) throw Wrong("should be an object");
        if (!_element.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return new(value, _name.Length == 0 ? key : $"{_name}.{key}", _where);
    }

    /// <summary>The value of a key that must be there.</summary>
    public JsonInput Required(string key) => Optional(key) ?? throw Wrong($"lacks \"{key}\"");

    /// <summary>The keys of an object with their values, null ones among them.</summary>
    public IReadOnlyList<(string Name, JsonInput Value)> Members()
    {
        if (!IsObject) throw Wrong("should be an object");
        var (prefix, where) = (_name.Length == 0 ? "" : $"{_name}.", _where);
        return [.. _element.EnumerateObject().Select(member => (member.Name, new JsonInput(member.Value, prefix + Printable(member.Name), where)))];
    }

    /// <summary>The elements of an array.</summary>
    public IReadOnlyList<JsonInput> Items()
    {
        if (_element.ValueKind != JsonValueKind.Array) throw Wrong("should be an array");
        var items = new List<JsonInput>();
        foreach (var item in _element.EnumerateArray()) items.Add(new(item, $"{_name}[{items.Count}]", _where));
        return items;
    }

    /// <summary>The elements of the array under the key; none where it is missing or null.</summary>
    public IReadOnlyList<JsonInput> Items(string key) => Optional(key)?.Items() ?? [];

    /// <summary>A string.</summary>
    public string Text()
    {
        if (_element.ValueKind != JsonValueKind.String) throw Wrong("should be a string");
        try
        {
            return _element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("is not Unicode text");
        }
    }

    /// <summary>The string under the key, or null.</summary>
    public string? Text(string key) => Optional(key)?.Text();

    /// <summary>The string under the key; null where there is none, or anything else.</summary>
    public string? TextOrNull(string key)
    {
        try
        {
            return IsObject ? Text(key) : null;
        }
        catch (InputException)
        {
            // The caller takes a value of another type for none.
            return null;
        }
    }

    /// <summary>True or false.</summary>
    public bool Truth() => _element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong("should be true or false"),
    };

    /// <summary>A digest.</summary>
    public Digest Digest()
    {
        var text = Text();
        if (Digests.Digest.TryParse(text, out var digest)) return digest;
        throw Wrong($"should be sha256: and 64 hexadecimal digits, not '{Printable(text)}'");
    }

    /// <summary>A size in bytes.</summary>
    public long Size() =>
        _element.ValueKind == JsonValueKind.Number && _element.TryGetInt64(out var size) && size >= 0
            ? size
            : throw Wrong("should be a size in bytes");

    /// <summary>A number, or a text that is one; null for every other value.</summary>
    public double? NumberOrNull() => _element.ValueKind is JsonValueKind.Number or JsonValueKind.String
        && double.TryParse(_element.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    /// <summary>An error about this value.</summary>
    public InputException Wrong(string what, string? advice = null) => new(_name.Length == 0 ? what : $"{_name} {what}", _where) { Advice = advice };

    /// <summary>Text from an image, fit for a message.</summary>
    public static string Printable(string text) => DisplayName.Of(ByteString.FromText(text).Span);
}
