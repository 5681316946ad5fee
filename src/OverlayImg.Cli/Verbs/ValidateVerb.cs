using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OverlayImg.Builders.Inspections;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Validation;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg validate</c>: checks archives and layouts against the image specifications.</summary>
internal static class ValidateVerb
{
    public static Command Create()
    {
        var image = new Argument<string>("IMAGE")
        {
            Description = "Archive of docker, podman, skopeo, buildah or nixpkgs (compressed or not), or an OCI layout (a directory or a tar). " +
                "- reads an archive from stdin.",
        }.CompletesImages();
        var command = new Verb("validate",
            "Reads a whole archive or layout, and lists each violation of the image specifications and of the rules of image loaders: " +
            "digests, sizes, manifests, configs, names, and entries of layers. The exit code is 3 if there is an error, and 0 otherwise.")
        {
            Summary = "Checks images against the specifications.",
            Examples = """
              overlayimg validate image.tar
              overlayimg validate ./layout
              docker save web | overlayimg validate - --json
            """,
        };
        command.Add(image);
        VerbRunner.Attach(command, new Rendering<ValidationReport>(
            WriteJson, ShowAsync, report => report.Errors > 0 ? ExitCodes.Input : ExitCodes.Done),
            (parsed, session) =>
            {
                var choice = ImageChoice.Parse(parsed.GetValue(image)!, null, null);
                if (choice.ChoosesOne)
                    throw new UsageException("validate reads the whole archive or layout: leave the name of the image out.");
                return ImageValidation.RunAsync(choice.Location, session);
            }, onlyReads: true);
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

    // The listing is the result of the verb, so it goes to stdout.
    private static Task ShowAsync(ValidationReport report, Reporter reporter)
    {
        const int Red = 31, Yellow = 33;
        using var listing = new Listing();
        foreach (var finding in report.Findings)
        {
            listing.AddStyled(Word(finding.Severity).PadRight(7), finding.Severity == Severity.Error ? Red : Yellow);
            listing.AddLine($"  {finding.Rule}: {finding.Where}: {finding.What}");
        }

        if (report.Omitted > 0) listing.AddLine(string.Create(CultureInfo.InvariantCulture, $"and {report.Omitted} more of the same rules"));
        listing.Flush();
        var errors = report.Errors == 0 ? "no errors" : Counted.Of(report.Errors, "error");
        var warnings = Counted.Of(report.Warnings, "warning");
        reporter.Line($"{Counted.Of(report.Images, "image")}, {Counted.Of(report.Layers, "layer")}: {errors}, {warnings}");
        return Task.CompletedTask;
    }

    private static string Word(Severity severity) => severity == Severity.Error ? "error" : "warning";
}
