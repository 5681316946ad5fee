using System.Globalization;

namespace OverlayImg.Builders.NewImages;

/// <summary>A time that is parsed and formatted like Python's <c>datetime</c>, which nixpkgs' stream script uses.</summary>
/// <param name="Time">The time, in UTC if the text named no zone.</param>
/// <param name="HasZone">Whether the text named a zone.</param>
internal readonly record struct PythonTime(DateTimeOffset Time, bool HasZone)
{
    private static readonly string[] Forms =
    [
        "yyyy-MM-dd", "yyyyMMdd", "yyyy-MM-dd'T'HH", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyyMMdd'T'HHmm", "yyyyMMdd'T'HHmmss",
    ];

    /// <summary>Parses a time in ISO 8601; <c>now</c> gives the current time. Null if the text is no time.</summary>
    public static PythonTime? Parse(string text)
    {
        if (text == "now") return new(DateTimeOffset.UtcNow, true);
        // Python allows any single character between date and time.
        if (text.Length > 10 && text[4] == '-') text = $"{text[..10]}T{text[11..]}";
        var hasOffset = text.AsSpan(Math.Min(text.Length, 9)).IndexOfAny('+', '-') > 0 && text.Contains('T', StringComparison.Ordinal);
        var hasZone = text.EndsWith('Z') || hasOffset;
        string[] forms = hasZone ? [.. Forms.Select(form => form + "K"), .. Forms.Select(form => form + "zzz")] : Forms;
        return DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new(time, hasZone)
            : null;
    }

    /// <summary>Seconds since 1970, truncated toward zero.</summary>
    public long Seconds => Time.UtcTicks >= DateTimeOffset.UnixEpoch.Ticks || Time.UtcTicks % TimeSpan.TicksPerSecond == 0
        ? Time.ToUnixTimeSeconds() : Time.ToUnixTimeSeconds() + 1;

    /// <summary>The form of Python's <c>isoformat</c>: microseconds only if they are not zero, and the zone as hours and minutes.</summary>
    public override string ToString()
    {
        var fraction = Time.Ticks / TimeSpan.TicksPerMicrosecond % 1_000_000;
        var text = Time.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        if (fraction > 0) text += string.Create(CultureInfo.InvariantCulture, $".{fraction:000000}");
        return HasZone ? text + Time.ToString("zzz", CultureInfo.InvariantCulture) : text;
    }
}
