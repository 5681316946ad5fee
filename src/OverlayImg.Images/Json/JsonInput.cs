using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Json;

/// <summary>A value of a JSON document from an input. The value knows its location, which errors name.</summary>
public sealed class JsonInput
{
    private const int MaximumDepth = 64;
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = MaximumDepth };
    private static readonly JsonDocumentOptions WithDuplicates = new() { AllowDuplicateProperties = true, MaxDepth = MaximumDepth };

    private readonly JsonElement _element;
    private readonly string _name;
    private readonly InputLocation _where;

    private JsonInput(JsonElement element, string name, InputLocation where) => (_element, _name, _where) = (element, name, where);

    /// <summary>Parses a JSON document.</summary>
    /// <param name="bytes">The document in UTF-8.</param>
    /// <param name="allowDuplicates">Whether an object may have a key twice; the last value counts.</param>
    /// <exception cref="InputException">
    /// The text is not JSON in UTF-8, or a key occurs twice: readers differ in which value counts.
    /// </exception>
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

    /// <summary>Throws if a string of a well-formed document is not Unicode, such as an unpaired surrogate <c>\ud800</c>.</summary>
    /// <exception cref="InputException">A string is not Unicode.</exception>
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

    /// <summary>Whether the value is <c>null</c>.</summary>
    public bool IsNull => _element.ValueKind == JsonValueKind.Null;

    /// <summary>Whether the value is an array.</summary>
    public bool IsArray => _element.ValueKind == JsonValueKind.Array;

    /// <summary>Whether the value is an object.</summary>
    public bool IsObject => _element.ValueKind == JsonValueKind.Object;

    /// <summary>Whether the object has the key with a value other than null.</summary>
    public bool Has(string key) => Optional(key) is not null;

    /// <summary>Returns the value of a key; null if the key is missing or its value is null, which means the same.</summary>
    public JsonInput? Optional(string key)
    {
        if (_element.ValueKind != JsonValueKind.Object) throw Wrong("should be an object");
        if (!_element.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return new(value, _name.Length == 0 ? key : $"{_name}.{key}", _where);
    }

    /// <summary>Returns the value of a key; throws if there is none.</summary>
    public JsonInput Required(string key) => Optional(key) ?? throw Wrong($"lacks \"{key}\"");

    /// <summary>Lists the keys of an object with their values, including null values.</summary>
    public IReadOnlyList<(string Name, JsonInput Value)> Members()
    {
        if (!IsObject) throw Wrong("should be an object");
        var (prefix, where) = (_name.Length == 0 ? "" : $"{_name}.", _where);
        return [.. _element.EnumerateObject().Select(member => (member.Name, new JsonInput(member.Value, prefix + Printable(member.Name), where)))];
    }

    /// <summary>Lists the elements of an array.</summary>
    public IReadOnlyList<JsonInput> Items()
    {
        if (_element.ValueKind != JsonValueKind.Array) throw Wrong("should be an array");
        var items = new List<JsonInput>();
        foreach (var item in _element.EnumerateArray()) items.Add(new(item, $"{_name}[{items.Count}]", _where));
        return items;
    }

    /// <summary>Lists the elements of the array under a key; empty if the key is missing or null.</summary>
    public IReadOnlyList<JsonInput> Items(string key) => Optional(key)?.Items() ?? [];

    /// <summary>Returns the value as a string.</summary>
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

    /// <summary>Returns the string under a key; null if the key is missing or null.</summary>
    public string? Text(string key) => Optional(key)?.Text();

    /// <summary>Returns the string under a key; null if there is none, or a value of another type.</summary>
    public string? TextOrNull(string key)
    {
        try
        {
            return IsObject ? Text(key) : null;
        }
        catch (InputException)
        {
            // A value of another type counts as missing.
            return null;
        }
    }

    /// <summary>Returns the value as a Boolean.</summary>
    public bool Truth() => _element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong("should be true or false"),
    };

    /// <summary>Returns the value as a SHA-256 digest.</summary>
    public Digest Digest()
    {
        var text = Text();
        if (Digests.Digest.TryParse(text, out var digest)) return digest;
        throw Wrong($"should be sha256: and 64 hexadecimal digits, not '{Printable(text)}'");
    }

    /// <summary>Returns the value as a size in bytes, at least 0.</summary>
    public long Size() =>
        _element.ValueKind == JsonValueKind.Number && _element.TryGetInt64(out var size) && size >= 0
            ? size
            : throw Wrong("should be a size in bytes");

    /// <summary>Returns a number, or a string that contains a number; null for any other value.</summary>
    public double? NumberOrNull() => _element.ValueKind is JsonValueKind.Number or JsonValueKind.String
        && double.TryParse(_element.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number) ? number : null;

    /// <summary>Makes an error that names this value and its location.</summary>
    public InputException Wrong(string what, string? advice = null) => new(_name.Length == 0 ? what : $"{_name} {what}", _where) { Advice = advice };

    /// <summary>Escapes text of an input for a message.</summary>
    public static string Printable(string text) => DisplayName.Of(ByteString.FromText(text).Span);
}
