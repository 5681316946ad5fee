using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.FileSystems;

namespace OverlayImg.Builders;

/// <summary>Reads JSON objects that the user gives: configs, image specs.</summary>
public static class JsonObjectText
{
    private const int MaximumLength = 4 << 20;

    // Which of two equal keys wins would differ from reader to reader.
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>Reads a file; <c>-</c> is stdin.</summary>
    /// <exception cref="InputException">It can't be read, is no JSON object, or is larger than 4 MiB.</exception>
    public static async Task<JsonObject> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var name = path == "-" ? "stdin" : path;
        await using var stream = path == "-" ? Console.OpenStandardInput() : InputFile.OpenSequential(path);
        var text = new MemoryStream();
        var buffer = new byte[64 << 10];
        try
        {
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0; text.Write(buffer, 0, count))
            {
                if (text.Length + count > MaximumLength)
                    throw new InputException("is larger than 4 MiB, so it is not the JSON that is meant", new(name));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"can't be read: {exception.Message}", new(name), exception);
        }

        return Parse(text.ToArray(), new(name));
    }

    /// <summary>Parses the text of an object.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="where">For messages.</param>
    /// <exception cref="InputException">It is no JSON, no object, has a key twice, or text that is not Unicode.</exception>
    public static JsonObject Parse(ReadOnlyMemory<byte> text, InputLocation where)
    {
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
