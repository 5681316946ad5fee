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
        var (size, unit) = UnitOf(bytes);
        return string.Create(CultureInfo.InvariantCulture, $"{(size == 1 ? bytes : Math.Round(bytes / size, 1))} {unit}");
    }

    /// <summary>Formats a part of a number of bytes, such as "0.3/1.4 GiB". The width changes little while the part grows.</summary>
    public static string FormatPart(long part, long whole)
    {
        var (size, unit) = UnitOf(whole);
        return size == 1
            ? string.Create(CultureInfo.InvariantCulture, $"{part}/{whole} {unit}")
            : string.Create(CultureInfo.InvariantCulture, $"{part / size:0.0}/{whole / size:0.0} {unit}");
    }

    private static (double Size, string Name) UnitOf(long bytes)
    {
        string[] names = ["B", "KiB", "MiB", "GiB", "TiB"];
        var (size, unit) = (1.0, 0);
        for (; bytes / size >= 1024 && unit < names.Length - 1; unit++) size *= 1024;
        return (size, names[unit]);
    }
}
