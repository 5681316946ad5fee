using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace OverlayImg.Images.Json;

/// <summary>
/// Formats JSON as Python's <c>json.dumps(json.load(...), indent=4)</c> does: ASCII only, integers with all digits,
/// floats as Python prints them, no newline at the end. <c>stream_layered_image.py</c> (dockerTools) writes configs in
/// this way, and the image ID is the digest of the config.
/// </summary>
public static class PythonJsonText
{
    private static readonly Printer Instance = new();

    /// <summary>Formats <paramref name="element"/> as ASCII.</summary>
    public static byte[] Write(JsonElement element) => Instance.Write(element);

    private sealed class Printer() : IndentedJson(indent: 4, end: "")
    {
        protected override string? Escape(char character) =>
            NamedEscape(character) ?? (character is < ' ' or > '~' ? $"\\u{(int)character:x4}" : null);

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
