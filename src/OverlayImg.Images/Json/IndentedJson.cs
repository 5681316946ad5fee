using System.Text;
using System.Text.Json;

namespace OverlayImg.Images.Json;

/// <summary>
/// Writes indented JSON with members in input order. The subclasses reproduce the output of other programs byte for
/// byte, with their formats of characters and numbers.
/// </summary>
/// <param name="indent">Spaces per nesting level.</param>
/// <param name="end">Text after the document.</param>
internal abstract class IndentedJson(int indent, string end = "\n")
{
    /// <summary>Formats <paramref name="element"/> as UTF-8.</summary>
    public byte[] Write(JsonElement element)
    {
        var text = new StringBuilder();
        Append(text, element, 0);
        return Encoding.UTF8.GetBytes(text.Append(end).ToString());
    }

    /// <summary>Returns the escape sequence of a character in a string; null for a character that is written as it is.</summary>
    protected abstract string? Escape(char character);

    /// <summary>Returns the short escape sequence of a character (RFC 8259, section 7); null for none and for a slash.</summary>
    protected static string? NamedEscape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => null,
    };

    /// <summary>Appends a number, given as the text of the input.</summary>
    protected abstract void AppendNumber(StringBuilder text, string raw);

    // JsonDocument limits the depth of the recursion to 64.
    private void Append(StringBuilder text, JsonElement element, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                AppendAll(text, "{}", depth, element.EnumerateObject(), member =>
                {
                    AppendString(text, member.Name);
                    text.Append(": ");
                    Append(text, member.Value, depth + 1);
                });
                break;
            case JsonValueKind.Array:
                AppendAll(text, "[]", depth, element.EnumerateArray(), item => Append(text, item, depth + 1));
                break;
            case JsonValueKind.String:
                AppendString(text, element.GetString()!);
                break;
            case JsonValueKind.Number:
                AppendNumber(text, element.GetRawText());
                break;
            default:
                text.Append(element.GetRawText());
                break;
        }
    }

    private void AppendAll<T>(StringBuilder text, string brackets, int depth, IEnumerable<T> items, Action<T> append)
    {
        text.Append(brackets[0]);
        var any = false;
        foreach (var item in items)
        {
            text.Append(any ? ",\n" : "\n").Append(' ', indent * (depth + 1));
            append(item);
            any = true;
        }

        if (any) text.Append('\n').Append(' ', indent * depth);
        text.Append(brackets[1]);
    }

    private void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            if (Escape(character) is { } escape) text.Append(escape);
            else text.Append(character);
        }

        text.Append('"');
    }
}
