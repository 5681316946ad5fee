using System.Globalization;

namespace OverlayImg.Images.Json;

/// <summary>Numbers in as few digits as tell them from all others, which is how jq and Python print them.</summary>
internal static class ShortestDouble
{
    /// <summary>The fewest digits that read back as the same double, and where among them the point stands.</summary>
    /// <param name="value">Finite, and not negative.</param>
    public static (string Digits, int Point) Of(double value)
    {
        var parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        var exponent = parts.Length == 2 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        var integerLength = parts[0].Split('.')[0].Length;
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        return digits.Length == 0 ? ("0", 1) : (digits.TrimEnd('0'), integerLength - (all.Length - digits.Length) + exponent);
    }
}
