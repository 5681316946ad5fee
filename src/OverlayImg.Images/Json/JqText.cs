using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OverlayImg.Images.Json;

/// <summary>
/// JSON as <c>jq</c> 1.6 prints it (an indent of two spaces, members in their order, numbers as the shortest text of a double, a newline at the
/// end): the config and <c>manifest.json</c> of dockerTools are such text, and the image ID is its digest (spec dockertools, 1.11).
/// </summary>
public static class JqText
{
    private static readonly Printer TheirWay = new();

    /// <summary>The text of <paramref name="element"/>.</summary>
    public static byte[] Write(JsonElement element) => TheirWay.Write(element);

    private sealed class Printer() : IndentedJson(indent: 2)
    {
        // What jq makes of a number that no double can hold.
        private const double Largest = double.MaxValue;

        protected override string? Escape(char character) => NamedEscape(character) ?? (character is < ' ' or '\x7f' ? $"\\u{(int)character:x4}" : null);

        // David Gay's g_fmt, as jq has it: plain digits unless the point would stand far from them.
        protected override void AppendNumber(StringBuilder text, string raw)
        {
            var value = Math.Clamp(double.Parse(raw, CultureInfo.InvariantCulture), -Largest, Largest);
            if (double.IsNegative(value)) text.Append('-');
            var (digits, point) = ShortestDouble.Of(Math.Abs(value));
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
    }
}
