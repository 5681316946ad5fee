using System.Globalization;

namespace OverlayImg.Cli.Options;

/// <summary>Sizes on the command line: <c>512M</c>, <c>2G</c>, or a plain number of MiB.</summary>
internal static class SizeText
{
    /// <summary>The size in bytes; null if <paramref name="text"/> is no size, or zero. Units are powers of 1024.</summary>
    public static long? Parse(string text)
    {
        var digits = text.AsSpan().TrimEnd("KMGTkmgtiB");
        var shift = text[digits.Length..].ToUpperInvariant() switch
        {
            "" or "M" or "MB" or "MIB" => 20,
            "K" or "KB" or "KIB" => 10,
            "G" or "GB" or "GIB" => 30,
            "T" or "TB" or "TIB" => 40,
            _ => -1,
        };
        if (shift < 0 || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return null;
        return count == 0 || count > long.MaxValue >> shift ? null : count << shift;
    }

    /// <summary>Formats a number of bytes for people, such as "1.4 GiB".</summary>
    public static string Format(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        var unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++) value /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? value : Math.Round(value, 1))} {units[unit]}");
    }
}
