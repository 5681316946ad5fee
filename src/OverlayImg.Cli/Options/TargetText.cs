using System.CommandLine;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Options;

/// <summary>Where an image is copied to, as it stands on the command line.</summary>
internal static class TargetText
{
    /// <exception cref="UsageException">
    /// It is nothing that images are copied to; or the archive would go to a terminal, or to stdout beside the JSON.
    /// </exception>
    public static ImageOutput Read(ParseResult parsed, string text)
    {
        var target = Values.Understood(() => ImageOutput.Parse(text));
        if (target is not ArchiveOutput { Destination.IsStandardOutput: true }) return target;
        if (!Console.IsOutputRedirected) throw new UsageException("An archive would be of no use on a terminal: redirect stdout, or name a file.");
        if (parsed.GetValue(CommonOptions.Json)) throw new UsageException("--json and the archive both want stdout: leave --json out, or name a file.");
        return target;
    }
}
