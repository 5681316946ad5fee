using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OverlayImg.Images.Json;

/// <summary>
/// Formats JSON as <c>jq</c> 1.6 does: indented by two spaces, members in input order, numbers as the shortest text of
/// a double, a newline at the end. dockerTools writes its config and <c>manifest.json</c> with jq, and the image ID is
/// the digest of that config.
/// </summary>
public static class JqText
{
    private static readonly Printer Instance = new();

    /// <summary>Formats <paramref name="element"/> as UTF-8.</summary>
    public static byte[] Write(JsonElement element) => Instance.Write(element);

    private sealed class Printer() : IndentedJson(indent: 2)
    {
        // jq replaces a number beyond the range of a double by the largest double.
        private const double Largest = double.MaxValue;

        protected override string? Escape(char character) =>
            NamedEscape(character) ?? (character is < ' ' or '\x7f' ? $"\\u{(int)character:x4}" : null);

        // The format of David Gay's g_fmt in jq: an exponent only if the decimal point is far from the digits.
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
