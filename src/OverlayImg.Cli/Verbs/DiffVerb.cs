using System.CommandLine;
using System.Text.Json;
using OverlayImg.Builders.Diffs;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg diff</c>: lists the differences between two images.</summary>
internal static class DiffVerb
{
    private const string Forms = "an archive or an OCI layout, docker-archive:PATH:NAME:TAG or oci:DIRECTORY:TAG for one of several images in it, " +
        "docker://NAME[:TAG|@DIGEST] in a registry, or - for an archive on stdin.";

    public static Command Create()
    {
        var first = new Argument<string>("A") { Description = $"The first image: {Forms}" }.CompletesImages();
        var second = new Argument<string>("B") { Description = $"The second image: {Forms} Only one of the two images can be -." }.CompletesImages();
        var times = new Option<bool>("--times")
        {
            Description = "Compare the modification times of files, too, which usually differ from build to build.",
        };
        var exitCode = new Option<bool>("--exit-code")
        {
            Description = $"Exit with {ExitCodes.Different} if the images differ. By default the exit code is {ExitCodes.Done} then, too."
        };
        var html = new HtmlOption(
            "Write a page with both images side by side instead of a listing: the paths, the layers and the fields that differ.");
        var command = new Verb("diff",
            "Lists the differences between two images: fields of their configs, and paths of the file systems that containers see. " +
            "Files are equal if their type, mode, owner, content, link target, device number, extended attributes and hard links are equal.")
        {
            Summary = "Lists the differences between two images.",
            Examples = """
              overlayimg diff before.tar after.tar
              overlayimg diff before.tar after.tar --html changes.html
              overlayimg diff docker-archive:all.tar:web:1 docker-archive:all.tar:web:2 --json | jq -r '.paths[].path'
              overlayimg diff --exit-code -q first.tar second.tar && echo reproducible
            """,
        };
        foreach (var argument in new[] { first, second }) command.Add(argument);
        command.Add(OptionSection.Main, times, exitCode);
        html.AddTo(command);
        var platform = new PlatformOption();
        platform.AddTo(command);
        var registry = new RegistryGroup();
        registry.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(first) == "-" && result.GetValue(second) == "-")
                result.AddError("Only one of the two images can come from stdin: give a file for the other one.");
        });
        VerbRunner.Attach(command,
            new Rendering<Outcome>(WriteJson, ShowAsync, outcome => outcome.ExitCode),
            async (parsed, session) =>
            {
                var access = registry.Read(parsed, parsed.GetValue(first)!, parsed.GetValue(second)!);
                ImageChoice Choice(Argument<string> image) =>
                    ImageChoice.Parse(parsed.GetValue(image)!, null, null, platform.Read(parsed), access);
                var options = new ImageDiffOptions(
                    Choice(first), Choice(second), parsed.GetValue(times));
                ImageDifferences differences;
                WrittenFile? page = null;
                if (html.Read(parsed) is { } path) (differences, page) = await ImageDiff.WritePageAsync(options, path, session);
                else differences = await ImageDiff.RunAsync(options, session);
                var isToTell = parsed.GetValue(exitCode) && !differences.AreEqual;
                return new Outcome(differences, page, parsed.GetValue(CommonOptions.Quiet), isToTell ? ExitCodes.Different : ExitCodes.Done);
            }, onlyReads: true);
        return command;
    }

    private static void WriteJson(Utf8JsonWriter writer, Outcome outcome, IReadOnlyList<string> warnings)
    {
        var differences = outcome.Differences;
        writer.WriteBoolean("equal", differences.AreEqual);
        if (outcome.Page is { } page) PageText.Write(writer, page);
        WriteImage(writer, "first", differences.First);
        WriteImage(writer, "second", differences.Second);
        writer.WriteStartArray("fields");
        foreach (var (field, before, after) in differences.Fields) PathDifferenceText.Write(writer, "field", field, before, after);
        writer.WriteEndArray();
        writer.WriteStartArray("paths");
        foreach (var difference in differences.Paths) PathDifferenceText.Write(writer, difference);
        writer.WriteEndArray();
        writer.WriteTexts("warnings", warnings);
    }

    private static void WriteImage(Utf8JsonWriter writer, string name, ComparedImage image)
    {
        writer.WriteStartObject(name);
        writer.WriteString("path", image.Path);
        writer.WriteString("image", image.Name);
        writer.WriteString("imageId", image.Id);
        writer.WriteEndObject();
    }

    private static Task ShowAsync(Outcome outcome, Reporter reporter)
    {
        if (outcome.IsQuiet) return Task.CompletedTask;
        if (outcome.Page is { } page)
        {
            PageText.Show(page, $"the differences between {outcome.Differences.First.Name} and {outcome.Differences.Second.Name}", reporter);
            return Task.CompletedTask;
        }

        if (outcome.Differences.AreEqual) reporter.Line("The images are equal.");
        using var listing = new Listing();
        foreach (var (field, before, after) in outcome.Differences.Fields)
            listing.AddLine($"changed {field}: {PathDifferenceText.Change(before, after)}");
        foreach (var difference in outcome.Differences.Paths) listing.AddLine(PathDifferenceText.Line(difference));
        listing.Flush();
        return Task.CompletedTask;
    }

    private sealed record Outcome(ImageDifferences Differences, WrittenFile? Page, bool IsQuiet, int ExitCode);
}
