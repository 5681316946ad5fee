using System.Globalization;

namespace OverlayImg.Cli.Options;

/// <summary>Durations on the command line: <c>90s</c>, <c>10m</c>, <c>2h</c>, or plain seconds.</summary>
internal static class DurationText
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(20);

    /// <summary>The duration; null if <paramref name="text"/> is no duration, zero, or more than 20 days.</summary>
    public static TimeSpan? Parse(string text)
    {
        var digits = text.AsSpan().TrimEnd("smh");
        var unit = text[digits.Length..] switch { "" or "s" => 1, "m" => 60, "h" => 3600, _ => 0 };
        if (unit == 0 || !double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) return null;
        return count > 0 && count * unit <= Longest.TotalSeconds ? TimeSpan.FromSeconds(count * unit) : null;
    }
}
