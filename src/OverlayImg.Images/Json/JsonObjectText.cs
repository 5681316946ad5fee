using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using OverlayImg.FileSystems;

namespace OverlayImg.Images.Json;

/// <summary>Reads JSON objects of the user, such as configs and image specs.</summary>
public static class JsonObjectText
{
    private const int MaximumLength = 4 << 20;

    // Readers differ in which of two equal keys counts.
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a file; the path <c>-</c> means standard input.</summary>
    /// <exception cref="InputException">The file can't be read, is not a JSON object, or is larger than 4 MiB.</exception>
    public static async Task<JsonObject> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var text = await InputFile.ReadAllAsync(path, MaximumLength, "a JSON config", cancellationToken);
        return Parse(text, new(InputFile.NameOf(path)));
    }

    /// <summary>Parses the text of a JSON object.</summary>
    /// <param name="text">UTF-8, with or without a byte order mark.</param>
    /// <exception cref="InputException">The text is not a JSON object, has a key twice, or contains invalid Unicode.</exception>
    public static JsonObject Parse(ReadOnlyMemory<byte> text, InputLocation where)
    {
        if (text.Span.StartsWith(ByteOrderMark)) text = text[ByteOrderMark.Length..];
        if (!Utf8.IsValid(text.Span)) throw new InputException("is not valid JSON: its text is not UTF-8", where);
        try
        {
            var parsed = JsonNode.Parse(text.Span, documentOptions: Options) as JsonObject
                ?? throw new InputException("is not a JSON object", where) { Advice = "It should begin with { and end with }." };
            // Unpaired surrogates fail when the text is written. It is written here, while the location is known.
            _ = parsed.ToJsonString();
            return parsed;
        }
        catch (JsonException exception)
        {
            throw new InputException($"is not valid JSON: {DisplayName.Of(ByteString.FromText(exception.Message).Span)}", where, exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new InputException("has text that is not Unicode", where, exception);
        }
    }
}
