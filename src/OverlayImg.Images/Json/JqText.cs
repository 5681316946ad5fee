using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OverlayImg.Images;

/// <summary>
/// JSON as <c>jq</c> 1.6 prints it (an indent of two spaces, members in their order, numbers as the shortest text of a double, a newline at the
/// end): the config and <c>manifest.json</c> of dockerTools are such text, and the image ID is its digest (spec dockertools, 1.11).
/// </summary>
public static class JqText
{
    // What jq makes of a number that no double can hold.
    private const double Largest = double.MaxValue;

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
                AppendNumber(text, Math.Clamp(double.Parse(element.GetRawText(), CultureInfo.InvariantCulture), -Largest, Largest));
                break;
            default:
                text.Append(element.GetRawText());
                break;
        }
    }

    private static void AppendAll<T>(StringBuilder text, string brackets, int depth, IEnumerable<T> items, Action<T> append)
    {
        text.Append(brackets[0]);
        var any = false;
        foreach (var item in items)
        {
            text.Append(any ? ",\n" : "\n").Append(' ', 2 * (depth + 1));
            append(item);
            any = true;
        }

        if (any) text.Append('\n').Append(' ', 2 * depth);
        text.Append(brackets[1]);
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
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '\x7f' => $"\\u{(int)character:x4}",
                _ => character.ToString(),
            });
        }

        text.Append('"');
    }

    // David Gay's g_fmt, as jq has it: plain digits unless the point would stand far from them.
    private static void AppendNumber(StringBuilder text, double value)
    {
        if (double.IsNegative(value)) text.Append('-');
        var (digits, point) = Shortest(Math.Abs(value));
        if (point <= -4 || point > digits.Length + 15)
        {
            text.Append(digits[0]);
            if (digits.Length > 1) text.Append('.').Append(digits.AsSpan(1));
            text.Append('e').Append(point > 0 ? '+' : '-').Append(CultureInfo.InvariantCulture, $"{Math.Abs(point - 1):00}");
        }
        else if (point <= 0) text.Append("0.").Append('0', -point).Append(digits);
        else if (point >= digits.Length) text.Append(digits).Append('0', point - digits.Length);
        else text.Append(digits.AsSpan(0, point)).Append('.').Append(digits.AsSpan(point));
    }
    // The fewest digits that read back as the same double, and where among them the point stands.
    private static (string Digits, int Point) Shortest(double value)
    {
        var parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        var exponent = parts.Length == 2 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        var integerLength = parts[0].Split('.')[0].Length;
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        return digits.Length == 0 ? ("0", 1) : (digits.TrimEnd('0'), integerLength - (all.Length - digits.Length) + exponent);
    }
}
