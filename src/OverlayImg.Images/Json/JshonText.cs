using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OverlayImg.Images.Json;

/// <summary>
/// JSON as <c>jshon</c> prints it (jansson with an indent of one space, members in their order, every slash escaped, a newline at the end):
/// the layer's <c>json</c> is compared byte by byte with what dockerTools writes (spec dockertools, 1.9).
/// </summary>
public static class JshonText
{
    private static readonly Printer TheirWay = new();

    /// <summary>The text of <paramref name="element"/>.</summary>
    public static byte[] Write(JsonElement element) => TheirWay.Write(element);

    private sealed class Printer() : IndentedJson(indent: 1)
    {
        protected override string? Escape(char character) => character switch
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
            _ => null,
        };

        protected override void AppendNumber(StringBuilder text, string raw)
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
}
