using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using OverlayImg.FileSystems;

namespace OverlayImg.Images.Json;

/// <summary>Reads JSON objects that the user gives: configs, image specs.</summary>
public static class JsonObjectText
{
    private const int MaximumLength = 4 << 20;

    // Which of two equal keys wins would differ from reader to reader.
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a file; <c>-</c> is stdin.</summary>
    /// <exception cref="InputException">It can't be read, is no JSON object, or is larger than 4 MiB.</exception>
    public static async Task<JsonObject> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var text = await InputFile.ReadAllAsync(path, MaximumLength, "the JSON that is meant", cancellationToken);
        return Parse(text, new(InputFile.NameOf(path)));
    }

    /// <summary>Parses the text of an object.</summary>
    /// <param name="text">UTF-8, with or without a byte order mark.</param>
    /// <param name="where">For messages.</param>
    /// <exception cref="InputException">It is no JSON, no object, has a key twice, or text that is not Unicode.</exception>
    public static JsonObject Parse(ReadOnlyMemory<byte> text, InputLocation where)
    {
        if (text.Span.StartsWith(ByteOrderMark)) text = text[ByteOrderMark.Length..];
        if (!Utf8.IsValid(text.Span)) throw new InputException("is not valid JSON: its text is not UTF-8", where);
        try
        {
            var parsed = JsonNode.Parse(text.Span, documentOptions: Options) as JsonObject
                ?? throw new InputException("is not a JSON object", where) { Advice = "It should begin with { and end with }." };
            // Halves of surrogate pairs are found when the text is written at the latest: better now, while its place is known.
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
