using System.Globalization;
using OverlayImg.FileSystems;

namespace OverlayImg.Builders.NewImages;

/// <summary>Parses creation times of images into the form of configs, RFC 3339.</summary>
public static class CreationTime
{
    /// <summary>dockerTools' default: a second after 1970 began, because some programs warn that the time 0 is implausible.</summary>
    public const string Default = "1970-01-01T00:00:01Z";

    private static readonly string[] Rfc3339 = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private static readonly string[] OtherForms =
    [
        "yyyy-MM-dd", "yyyyMMdd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyyMMdd'T'HHmmK", "yyyyMMdd'T'HHmmssK", "yyyy-MM-dd'T'HHK", "yyyyMMdd'T'HHK",
    ];

    /// <summary>
    /// The text for a config. A time in RFC 3339 stays unchanged. Other forms of ISO 8601 are converted, as UTC if they name no zone.
    /// <c>now</c> gives the current second in the form of <c>date --iso-8601=seconds</c>. Null for anything else.
    /// </summary>
    public static string? Parse(string text)
    {
        if (text == "now") return DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
        if (HasZone(text) && TryParse(text, Rfc3339, out _)) return text;
        return TryParse(text, OtherForms, out var time)
            ? time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>A modification time in whole seconds; <c>now</c> gives the current second. Null if the text is no time.</summary>
    public static Timestamp? ParseFileTime(string text) =>
        Parse(text) is { } parsed && PythonTime.Parse(parsed) is { } time ? new Timestamp(time.Seconds) : null;

    private static bool HasZone(string text) => text.EndsWith('Z') || text is [.., '+' or '-', _, _, ':', _, _];

    private static bool TryParse(string text, string[] forms, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(WithColon(text), forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    // ISO 8601 allows zones such as "+0200" and "+02", which .NET's format K does not read.
    private static string WithColon(string text) => text switch
    {
        [.., 'T', _, _, '+' or '-', _, _] or [.., 'T', _, _, ':', _, _, '+' or '-', _, _] or [.., ':', _, _, '+' or '-', _, _] => text + ":00",
        [.. var start, '+' or '-', _, _, _, _] when start.Contains('T', StringComparison.Ordinal) => text.Insert(text.Length - 2, ":"),
        _ => text,
    };
}
