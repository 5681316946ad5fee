using System.Globalization;
using OverlayImg.FileSystems;

namespace OverlayImg.Cli.Options;

/// <summary>The modification time of every file in a new layer, from SOURCE_DATE_EPOCH (reproducible-builds.org).</summary>
internal static class SourceDateEpoch
{
    private const string Variable = "SOURCE_DATE_EPOCH";

    /// <summary>The time of the variable, in seconds since 1970; 1 if the variable is not set.</summary>
    /// <exception cref="UsageException">The variable is no whole number from 0 to the end of the year 9999.</exception>
    public static Timestamp Read()
    {
        var text = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(text)) return new(1);
        // Readers of archives do not understand times after the year 9999.
        const long Latest = 253_402_300_799;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= Latest) return new(seconds);
        throw new UsageException($"The environment variable {Variable} is '{text}', but must be a whole number of seconds since 1970.");
    }
}
