using System.Globalization;
using OverlayImg.FileSystems;

namespace OverlayImg.Cli.Options;

/// <summary>The time that every file of a new layer gets (reproducible-builds.org, SOURCE_DATE_EPOCH).</summary>
internal static class SourceDateEpoch
{
    private const string Variable = "SOURCE_DATE_EPOCH";

    /// <summary>The variable's value in seconds; 1 where it is not set.</summary>
    /// <exception cref="UsageException">It is not a whole number from 0 on.</exception>
    public static Timestamp Read()
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(text)) return new(1);
        // Beyond the year 9999 no reader of the archive would understand it.
        const long Latest = 253_402_300_799;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= Latest) return new(seconds);
        throw new UsageException($"{Variable} is '{text}', but must be a number of seconds since 1970.");
    }
}
