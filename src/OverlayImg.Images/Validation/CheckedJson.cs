using System.Text.Json;
using System.Text.Unicode;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Validation;

/// <summary>A value of a JSON document that is validated. A failed check becomes a finding, and validation continues.</summary>
internal readonly struct CheckedJson
{
    private const int MaximumDepth = 64;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaximumDepth };
    private static readonly JsonDocumentOptions Lenient = new() { AllowDuplicateProperties = true, MaxDepth = MaximumDepth };

    private readonly JsonElement _element;
    private readonly string _name;
    private readonly string _where;
    private readonly Findings _findings;

    private CheckedJson(JsonElement element, string name, string where, Findings findings) =>
        (_element, _name, _where, _findings) = (element, name, where, findings);

    public JsonValueKind Kind => _element.ValueKind;

    /// <summary>Parses a document; null with a finding if it is invalid.</summary>
    public static CheckedJson? Parse(ReadOnlyMemory<byte> bytes, string where, Findings findings)
    {
        if (!Utf8.IsValid(bytes.Span))
        {
            findings.Error("json-utf-8", where, "its text is not UTF-8");
            return null;
        }

        try
        {
            return new(ParseElement(bytes, where, findings), "", where, findings);
        }
        catch (JsonException exception)
        {
            findings.Error("json", where, $"is not JSON: {JsonInput.Printable(exception.Message)}");
        }
        catch (InputException exception)
        {
            findings.Error("json-unicode", where, exception.Message);
        }

        return null;
    }

    /// <summary>Returns the value of a key; null if the key is missing, its value is null, or this value is not an object.</summary>
    public CheckedJson? Member(string key) =>
        Kind == JsonValueKind.Object && _element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            ? new(value, NameOf(key), _where, _findings) : null;

    /// <summary>Whether the object has the key, even with the value null.</summary>
    public bool HasKey(string key) => Kind == JsonValueKind.Object && _element.TryGetProperty(key, out _);

    /// <summary>Returns the value of a key as <see cref="Member"/> does; a missing value is a finding.</summary>
    public CheckedJson? Required(string rule, string key)
    {
        if (!IsObject(rule)) return null;
        var value = Member(key);
        if (value is null) Error(rule, HasKey(key) ? $"\"{key}\" is null" : $"lacks \"{key}\"");
        return value;
    }

    /// <summary>Whether the value is an object; another kind is a finding.</summary>
    public bool IsObject(string rule) => Is(rule, JsonValueKind.Object, "an object");

    /// <summary>Returns the elements of an array; another kind is a finding.</summary>
    public IReadOnlyList<CheckedJson> Items(string rule)
    {
        if (!Is(rule, JsonValueKind.Array, "an array")) return [];
        var parent = this;
        return [.. _element.EnumerateArray().Select((item, index) =>
            new CheckedJson(item, $"{parent._name}[{index}]", parent._where, parent._findings))];
    }

    /// <summary>Returns the members of an object; another kind is a finding.</summary>
    public IReadOnlyList<(string Key, CheckedJson Value)> Members(string rule)
    {
        if (!IsObject(rule)) return [];
        var parent = this;
        return [.. _element.EnumerateObject().Select(member =>
            (member.Name, new CheckedJson(member.Value, parent.NameOf(member.Name), parent._where, parent._findings)))];
    }

    /// <summary>Returns the string; null with a finding for another kind.</summary>
    public string? Text(string rule) => Is(rule, JsonValueKind.String, "a string") ? _element.GetString() : null;

    /// <summary>Returns the integer; null with a finding for any other value and for an integer of more than 64 bits.</summary>
    public long? Number(string rule)
    {
        if (Kind == JsonValueKind.Number && _element.TryGetInt64(out var number)) return number;
        Error(rule, "should be an integer");
        return null;
    }

    /// <summary>Returns the SHA-256 digest; null with a finding for any other value.</summary>
    public Digest? Digest(string rule)
    {
        if (Text(rule) is not { } text) return null;
        if (Digests.Digest.TryParse(text, out var digest)) return digest;
        Error(rule, $"should be sha256: and 64 lowercase hexadecimal digits, not '{JsonInput.Printable(text)}'");
        return null;
    }

    /// <summary>Whether the value is true or false; another kind is a finding.</summary>
    public bool IsBoolean(string rule)
    {
        if (Kind is JsonValueKind.True or JsonValueKind.False) return true;
        Error(rule, "should be true or false");
        return false;
    }

    public void Error(string rule, string what) => _findings.Error(rule, Location, what);

    public void Warn(string rule, string what) => _findings.Warn(rule, Location, what);

    private string Location => _name.Length == 0 ? _where : $"{_where}, {_name}";

    private static JsonElement ParseElement(ReadOnlyMemory<byte> bytes, string where, Findings findings)
    {
        JsonElement element;
        try
        {
            element = ParseElement(bytes, Strict);
        }
        catch (JsonException exception)
        {
            // If duplicate keys are the only problem, the last value counts, as for Go's readers.
            element = ParseElement(bytes, Lenient);
            findings.Error("json-duplicate-key", where, JsonInput.Printable(exception.Message));
        }

        JsonInput.RequireUnicode(bytes.Span, default);
        return element;
    }

    private static JsonElement ParseElement(ReadOnlyMemory<byte> bytes, JsonDocumentOptions options)
    {
        using var document = JsonDocument.Parse(bytes, options);
        return document.RootElement.Clone();
    }

    private string NameOf(string key) => _name.Length == 0 ? JsonInput.Printable(key) : $"{_name}.{JsonInput.Printable(key)}";

    private bool Is(string rule, JsonValueKind kind, string name)
    {
        if (Kind == kind) return true;
        Error(rule, $"should be {name}");
        return false;
    }
}
