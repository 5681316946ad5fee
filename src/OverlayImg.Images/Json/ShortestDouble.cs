using System.Globalization;

namespace OverlayImg.Images.Json;

/// <summary>Finds the shortest decimal digits of a double, which jq and Python print.</summary>
internal static class ShortestDouble
{
    /// <summary>Returns the fewest digits that parse to the same double, and the position of the decimal point among them.</summary>
    /// <param name="value">A finite number, at least 0.</param>
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
