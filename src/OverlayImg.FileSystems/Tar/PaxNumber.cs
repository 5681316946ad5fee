using System.Buffers.Text;

namespace OverlayImg.FileSystems.Tar;

/// <summary>Parses decimal numbers and times in the values of PAX records.</summary>
internal static class PaxNumber
{
    private const int NanosecondDigits = 9;

    /// <summary>Parses an integer with an optional sign.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out var consumed) && consumed == text.Length;

    /// <summary>Parses seconds with a fraction of any length, also before 1970. Digits after nanoseconds are cut off.</summary>
    public static bool TryParseTime(ReadOnlySpan<byte> text, out Timestamp time)
    {
        time = default;
        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        if (!TryParse(whole, out var seconds) || !TryParseFraction(point < 0 ? default : text[(point + 1)..], out var nanoseconds)) return false;
        // "-1.25" is 1.25 s before 1970, which is 0.75 s after second -2.
        var isNegative = whole[0] == '-';
        if (isNegative && nanoseconds > 0 && seconds == long.MinValue) return false;
        time = isNegative && nanoseconds > 0 ? new(seconds - 1, 1_000_000_000 - nanoseconds) : new(seconds, nanoseconds);
        return true;
    }

    private static bool TryParseFraction(ReadOnlySpan<byte> digits, out int nanoseconds)
    {
        nanoseconds = 0;
        if (digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        for (var index = 0; index < NanosecondDigits; index++) nanoseconds = (nanoseconds * 10) + (index < digits.Length ? digits[index] - '0' : 0);
        return true;
    }
}
