using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OverlayImg.Cli.Reporting;

/// <summary>Prints the one JSON object of <c>--json</c> to stdout.</summary>
internal static class JsonOutput
{
    // It goes to a pipe or a terminal, never into a web page: quotes and ampersands may stay readable.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Prints the object whole, or nothing of it.</summary>
    /// <exception cref="ClosedPipeException">Nobody reads stdout any more.</exception>
    /// <exception cref="MachineException">Stdout can't be written.</exception>
    public static void Print(Action<Utf8JsonWriter> writeMembers)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text, Options))
        {
            writer.WriteStartObject();
            writeMembers(writer);
            writer.WriteEndObject();
        }

        using var output = FileOutputStream.StandardOutput();
        output.Write(Encoding.UTF8.GetBytes(WithoutFormatCharacters(Encoding.UTF8.GetString(text.WrittenSpan)) + "\n"));
    }

    /// <summary>A member that holds a list of texts.</summary>
    public static void WriteTexts(this Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    // The encoder leaves characters alone that turn the direction of writing around. They stand in strings only, where an escape means the same.
    private static string WithoutFormatCharacters(string json)
    {
        if (!json.Any(IsFormat)) return json;
        var escaped = new StringBuilder(json.Length);
        foreach (var character in json)
        {
            if (IsFormat(character)) escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else escaped.Append(character);
        }

        return escaped.ToString();
    }

    private static bool IsFormat(char character) => character > '~' && char.GetUnicodeCategory(character) == UnicodeCategory.Format;
}
