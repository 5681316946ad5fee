using System.Globalization;
using System.Text.RegularExpressions;

namespace OverlayImg.Images.Registries.Blobs;

/// <summary>Which bytes of a blob an answer is about.</summary>
internal static partial class ContentRange
{
    /// <summary>Reads <c>bytes FIRST-LAST/TOTAL</c> (RFC 9110, 14.4); null for anything else.</summary>
    /// <returns>The total is null where the server does not know it (<c>*</c>).</returns>
    public static (long First, long Last, long? Total)? Parse(string? header)
    {
        var match = Whole.Match(header ?? "");
        return match.Success ? (Number(match, 1), Number(match, 2), match.Groups[3].ValueSpan is "*" ? null : Number(match, 3)) : null;
    }

    /// <summary>
    /// Reads the header <c>Range</c> of an upload's status: how many bytes a registry has kept (distribution-spec, "Pushing a blob in chunks"); null where it does not say.
    /// One that has none says <c>0-0</c>, as one does that has a single byte.
    /// </summary>
    public static long? ParseKept(string? header)
    {
        var match = Kept.Match(header ?? "");
        return !match.Success ? null : Number(match, 1) is var last && last == 0 ? 0 : last + 1;
    }

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A[ \t]*bytes[ \t]+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)[ \t]*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Whole { get; }

    [GeneratedRegex(@"\A(?:bytes=)?0-([0-9]{1,18})\z", RegexOptions.NonBacktracking)]
    private static partial Regex Kept { get; }
}
