using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OverlayImg.Images;

/// <summary>
/// JSON as <c>jshon</c> prints it (jansson with an indent of one space, members in their order, every slash escaped, a newline at the end):
/// the layer's <c>json</c> is compared byte by byte with what dockerTools writes (spec dockertools, 1.9).
/// </summary>
public static class JshonText
{
    /// <summary>The text of <paramref name="element"/>.</summary>
    public static byte[] Write(JsonElement element)
    {
        var text = new StringBuilder();
        Append(text, element, 0);
        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }

    // The depth is bounded by JsonDocument's own limit of 64.
    private static void Append(StringBuilder text, JsonElement element, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                AppendAll(text, '{', '}', depth, element.EnumerateObject(), member =>
                {
                    AppendString(text, member.Name);
                    text.Append(": ");
                    Append(text, member.Value, depth + 1);
                });
                break;
            case JsonValueKind.Array:
                AppendAll(text, '[', ']', depth, element.EnumerateArray(), item => Append(text, item, depth + 1));
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

    private static void AppendAll<T>(StringBuilder text, char open, char close, int depth, IEnumerable<T> items, Action<T> append)
    {
        text.Append(open);
        var any = false;
        foreach (var item in items)
        {
            text.Append(any ? ",\n" : "\n").Append(' ', depth + 1);
            append(item);
            any = true;
        }

        if (any) text.Append('\n').Append(' ', depth);
        text.Append(close);
    }

    private static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            text.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '/' => "\\/",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' => $"\\u{(int)character:X4}",
                _ => character.ToString(),
            });
        }

        text.Append('"');
    }

    private static void AppendNumber(StringBuilder text, string raw)
    {
        if (raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
        {
            text.Append(raw);
            return;
        }

        // jansson keeps a real as a double and prints it by %.17g, the exponent without plus and leading zeros,
        // and with ".0" where that would read back as an integer.
        var parts = double.Parse(raw, CultureInfo.InvariantCulture).ToString("G17", CultureInfo.InvariantCulture).Split('E');
        text.Append(parts[0]);
        if (parts.Length == 2)
            text.Append(CultureInfo.InvariantCulture, $"e{int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)}");
        else if (!parts[0].Contains('.', StringComparison.Ordinal)) text.Append(".0");
    }
}
