using System.CommandLine;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Options;

/// <summary>Parses the destination of a copy.</summary>
internal static class TargetText
{
    /// <exception cref="UsageException">
    /// The text names no destination, stdout is a terminal, or the JSON object goes to stdout, too.
    /// </exception>
    public static ImageOutput Read(ParseResult parsed, string text)
    {
        var target = Values.Understood(() => ImageOutput.Parse(text));
        if (target is not ArchiveOutput { Destination.IsStandardOutput: true }) return target;
        if (!Console.IsOutputRedirected)
            throw new UsageException("The archive is binary data and is not written to a terminal: redirect stdout, or name a file.");
        if (parsed.GetValue(CommonOptions.Json))
            throw new UsageException("--json and the archive can't both go to stdout: leave --json out, or name a file.");
        return target;
    }
}
