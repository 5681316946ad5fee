using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OverlayImg.Images.Json;

/// <summary>
/// Formats JSON as <c>jshon</c> does: jansson's output, indented by one space, members in input order, each slash
/// escaped, a newline at the end. dockerTools writes a layer's <c>json</c> with jshon.
/// </summary>
public static class JshonText
{
    private static readonly Printer Instance = new();

    /// <summary>Formats <paramref name="element"/> as UTF-8.</summary>
    public static byte[] Write(JsonElement element) => Instance.Write(element);

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

            // jansson prints a real as %.17g, without a plus and leading zeros in the exponent, and with ".0" if the
            // text would otherwise parse as an integer.
            var parts = double.Parse(raw, CultureInfo.InvariantCulture).ToString("G17", CultureInfo.InvariantCulture).Split('E');
            text.Append(parts[0]);
            if (parts.Length == 2)
                text.Append(CultureInfo.InvariantCulture, $"e{int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)}");
            else if (!parts[0].Contains('.', StringComparison.Ordinal)) text.Append(".0");
        }
    }
}
