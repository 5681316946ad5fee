using System.Globalization;
using System.Text.RegularExpressions;

namespace OverlayImg.Images.Registries.Blobs;

/// <summary>Parses the headers <c>Content-Range</c> and <c>Range</c> of responses.</summary>
internal static partial class ContentRange
{
    /// <summary>Parses <c>Content-Range: bytes FIRST-LAST/TOTAL</c> (RFC 9110, 14.4); null for any other form.</summary>
    /// <returns>The offsets of the first and the last byte, and the total length; the total is null if unknown (<c>*</c>).</returns>
    public static (long First, long Last, long? Total)? Parse(string? header)
    {
        var match = Whole.Match(header ?? "");
        return match.Success ? (Number(match, 1), Number(match, 2), match.Groups[3].ValueSpan is "*" ? null : Number(match, 3)) : null;
    }

    /// <summary>
    /// Parses the header <c>Range</c> of an upload's status, and returns the number of bytes that the registry has (OCI
    /// Distribution Specification, "Pushing a blob in chunks"); null if the header is missing or invalid. <c>0-0</c>
    /// counts as no bytes, because registries send it both for none and for one byte.
    /// </summary>
    public static long? ParseKept(string? header)
    {
        var match = Kept.Match(header ?? "");
        return !match.Success ? null : Number(match, 1) is var last && last == 0 ? 0 : last + 1;
    }

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"\A[ \t]*bytes[ \t]+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)[ \t]*\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Whole { get; }

    [GeneratedRegex(@"\A(?:bytes=)?0-([0-9]{1,18})\z", RegexOptions.NonBacktracking)]
    private static partial Regex Kept { get; }
}
