using System.Globalization;

namespace OverlayImg.Cli.Reporting;

/// <summary>Formats times for people.</summary>
internal static class ElapsedText
{
    /// <summary>Formats "0.6 s", "1 min 05 s", or "2 h 10 min".</summary>
    public static string Format(TimeSpan time)
    {
        // Rounded first, so that no text says 60 seconds.
        var tenths = Math.Floor(Math.Max(time.TotalSeconds, 0) * 10) / 10;
        return tenths < 60 ? string.Create(CultureInfo.InvariantCulture, $"{tenths:0.0} s") : FormatWhole(time);
    }

    /// <summary>Formats the time in whole seconds, rounded up: "1 s", "1 min 05 s".</summary>
    public static string FormatLeft(TimeSpan time)
    {
        var seconds = Math.Ceiling(time.TotalSeconds);
        return seconds < 60 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s") : FormatWhole(TimeSpan.FromSeconds(seconds));
    }

    private static string FormatWhole(TimeSpan time) => time.TotalHours < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds:00} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:00} min");
}
