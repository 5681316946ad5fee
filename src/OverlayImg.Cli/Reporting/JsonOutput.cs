using System.Text.Encodings.Web;
using System.Text.Json;

namespace OverlayImg.Cli.Reporting;

/// <summary>Prints the one JSON object of <c>--json</c> to stdout.</summary>
internal static class JsonOutput
{
    // It goes to a pipe or a terminal, never into a web page: quotes and ampersands may stay readable.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task PrintAsync(Action<Utf8JsonWriter> writeMembers, CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        await using (var writer = new Utf8JsonWriter(output, Options))
        {
            writer.WriteStartObject();
            writeMembers(writer);
            writer.WriteEndObject();
        }

        await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }

    /// <summary>A member that holds a list of texts.</summary>
    public static void WriteTexts(this Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
