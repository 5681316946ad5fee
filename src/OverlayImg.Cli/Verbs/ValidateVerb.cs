using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OverlayImg.Builders;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images;
using Spectre.Console;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg validate</c>: is an image sound.</summary>
internal static class ValidateVerb
{
    public static Command Create()
    {
        var image = new Argument<string>("IMAGE")
        {
            Description = "An archive as docker, podman, skopeo, buildah or nixpkgs write it, compressed or not, or an OCI layout, a directory or in a tar; - reads an archive from stdin.",
        };
        var command = new Verb("validate",
            "Reads an archive or a layout to its last byte and lists every rule of the image specification that it breaks, and every one that loaders have: " +
            "digests, sizes, documents, names, and the entries of its layers. Exit code 3 if there is an error, 0 if there are warnings at most.")
        {
            Examples = """
              overlayimg validate image.tar
              overlayimg validate ./layout
              docker save web | overlayimg validate - --json
            """,
        };
        command.Add(image);
        VerbRunner.Attach(command, new Rendering<ValidationReport>(
            WriteJson, ShowAsync, report => report.Errors > 0 ? ExitCodes.Input : ExitCodes.Done),
            (parsed, reporter, cancellationToken) =>
            {
                var choice = BaseImageChoice.Parse(parsed.GetValue(image)!, null, null);
                if (choice.ChoosesOne)
                    throw new UsageException("Archives and layouts are validated whole: leave the name of the image away.");
                return ImageValidation.RunAsync(choice.Location, CommonOptions.CacheDirectoryOf(parsed), reporter, cancellationToken);
            });
        return command;
    }

    private static void WriteJson(Utf8JsonWriter writer, ValidationReport report, IReadOnlyList<string> warnings)
    {
        writer.WriteNumber("images", report.Images);
        writer.WriteNumber("layers", report.Layers);
        writer.WriteNumber("errors", report.Errors);
        writer.WriteNumber("ruleWarnings", report.Warnings);
        writer.WriteNumber("omitted", report.Omitted);
        writer.WriteStartArray("findings");
        foreach (var finding in report.Findings)
        {
            writer.WriteStartObject();
            writer.WriteString("severity", Word(finding.Severity));
            writer.WriteString("rule", finding.Rule);
            writer.WriteString("where", finding.Where);
            writer.WriteString("what", finding.What);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteTexts("warnings", warnings);
    }

    // The listing is what was asked for, so it goes to stdout.
    private static async Task ShowAsync(ValidationReport report, Reporter reporter)
    {
        var isColoured = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.ColorSystem != ColorSystem.NoColors;
        var text = new StringBuilder();
        foreach (var finding in report.Findings)
        {
            var word = Word(finding.Severity).PadRight(7);
            if (isColoured) word = finding.Severity == Severity.Error ? $"\e[31m{word}\e[0m" : $"\e[33m{word}\e[0m";
            text.AppendLine(CultureInfo.InvariantCulture, $"{word}  {finding.Rule}: {finding.Where}: {finding.What}");
        }

        if (report.Omitted > 0) text.AppendLine(CultureInfo.InvariantCulture, $"and {report.Omitted} more of the same rules");
        await Console.Out.WriteAsync(text);
        var errors = report.Errors == 0 ? "no errors" : Count(report.Errors, "error");
        reporter.Line($"{Count(report.Images, "image")}, {Count(report.Layers, "layer")}: {errors}, {Count(report.Warnings, "warning")}");
    }

    private static string Word(Severity severity) => severity == Severity.Error ? "error" : "warning";

    private static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
