using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OverlayImg.Cli.Reporting;

/// <summary>Prints the JSON object of <c>--json</c> to stdout.</summary>
internal static class JsonOutput
{
    // The object is never embedded in HTML, so quotes and ampersands stay unescaped and readable.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Builds the whole object in memory and then prints it, so that an error leaves no partial object on stdout.</summary>
    /// <exception cref="ClosedPipeException">The reader of stdout has closed the pipe.</exception>
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

    /// <summary>Writes a member whose value is an array of strings.</summary>
    public static void WriteTexts(this Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    // The encoder does not escape characters that reverse the direction of text. They occur only inside strings, where an escape is equivalent.
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
