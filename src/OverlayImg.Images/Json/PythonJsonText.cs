using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace OverlayImg.Images.Json;

/// <summary>
/// JSON as Python's <c>json.dumps(..., indent=4)</c> prints what <c>json.load</c> has read: pure ASCII, whole numbers digit by digit, others as Python
/// prints a float, no newline at the end. The config of a streamed image is such text, and the image ID its digest (spec dockertools, 1.13).
/// </summary>
public static class PythonJsonText
{
    private static readonly Printer TheirWay = new();

    /// <summary>The text of <paramref name="element"/>.</summary>
    public static byte[] Write(JsonElement element) => TheirWay.Write(element);

    private sealed class Printer() : IndentedJson(indent: 4, end: "")
    {
        protected override string? Escape(char character) => NamedEscape(character) ?? (character is < ' ' or > '~' ? $"\\u{(int)character:x4}" : null);

        protected override void AppendNumber(StringBuilder text, string raw)
        {
            if (raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0) text.Append(BigInteger.Parse(raw, CultureInfo.InvariantCulture));
            else AppendFloat(text, double.Parse(raw, CultureInfo.InvariantCulture));
        }

        private static void AppendFloat(StringBuilder text, double value)
        {
            if (double.IsNegative(value)) text.Append('-');
            if (double.IsInfinity(value))
            {
                text.Append("Infinity");
                return;
            }

            var (digits, point) = ShortestDouble.Of(Math.Abs(value));
            if (point is <= -4 or > 16)
            {
                text.Append(digits[0]);
                if (digits.Length > 1) text.Append('.').Append(digits.AsSpan(1));
                text.Append('e').Append(point > 0 ? '+' : '-').Append(CultureInfo.InvariantCulture, $"{Math.Abs(point - 1):00}");
            }
            else if (point <= 0) text.Append("0.").Append('0', -point).Append(digits);
            else if (point >= digits.Length) text.Append(digits).Append('0', point - digits.Length).Append(".0");
            else text.Append(digits.AsSpan(0, point)).Append('.').Append(digits.AsSpan(point));
        }
    }
}
