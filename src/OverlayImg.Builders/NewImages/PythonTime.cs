using System.Globalization;

namespace OverlayImg.Builders.NewImages;

/// <summary>A time as Python's <c>datetime</c> reads and prints it in ISO 8601 (spec dockertools, 1.13).</summary>
/// <param name="Time">The time; UTC where none was named.</param>
/// <param name="HasZone">Whether a zone was named.</param>
internal readonly record struct PythonTime(DateTimeOffset Time, bool HasZone)
{
    private static readonly string[] Forms =
    [
        "yyyy-MM-dd", "yyyyMMdd", "yyyy-MM-dd'T'HH", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyyMMdd'T'HHmm", "yyyyMMdd'T'HHmmss",
    ];

    /// <summary>Reads a time; <c>now</c> is this moment. Null for what is none.</summary>
    public static PythonTime? Parse(string text)
    {
        if (text == "now") return new(DateTimeOffset.UtcNow, true);
        // Between date and time Python takes any one character.
        if (text.Length > 10 && text[4] == '-') text = $"{text[..10]}T{text[11..]}";
        var hasZone = text.EndsWith('Z') || text.AsSpan(Math.Min(text.Length, 9)).IndexOfAny('+', '-') > 0 && text.Contains('T', StringComparison.Ordinal);
        string[] forms = hasZone ? [.. Forms.Select(form => form + "K"), .. Forms.Select(form => form + "zzz")] : Forms;
        return DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new(time, hasZone)
            : null;
    }

    /// <summary>Seconds since 1970, the part below cut off.</summary>
    public long Seconds => Time.UtcTicks >= DateTimeOffset.UnixEpoch.Ticks || Time.UtcTicks % TimeSpan.TicksPerSecond == 0
        ? Time.ToUnixTimeSeconds() : Time.ToUnixTimeSeconds() + 1;

    /// <summary>As <c>isoformat</c> prints it: microseconds only where there are some, and the zone as hours and minutes.</summary>
    public override string ToString()
    {
        var fraction = Time.Ticks / TimeSpan.TicksPerMicrosecond % 1_000_000;
        var text = Time.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        if (fraction > 0) text += string.Create(CultureInfo.InvariantCulture, $".{fraction:000000}");
        return HasZone ? text + Time.ToString("zzz", CultureInfo.InvariantCulture) : text;
    }
}
