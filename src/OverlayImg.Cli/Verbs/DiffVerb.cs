using System.CommandLine;
using System.Text.Json;
using OverlayImg.Builders.Diffs;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Locations;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg diff</c>: what differs between two images.</summary>
internal static class DiffVerb
{
    private const string Forms = "an archive or a layout, or docker-archive:PATH:NAME:TAG, oci:DIRECTORY:TAG for one of several images in it; one of the two may be - for stdin.";

    public static Command Create()
    {
        var first = new Argument<string>("A") { Description = $"One image: {Forms}" };
        var second = new Argument<string>("B") { Description = "The other image." };
        var times = new Option<bool>("--times") { Description = "Compare the files' times too, which differ from build to build." };
        var exitCode = new Option<bool>("--exit-code")
        {
            Description = $"Exit with {ExitCodes.Different} where the images differ, as git diff does with 1."
        };
        var command = new Verb("diff",
            "Lists what differs between two images: fields of their configs, and paths of the file systems that containers would see. " +
            "Files count as equal if type, mode, owner, content, link target, device, extended attributes and hard links are.")
        {
            Examples = """
              overlayimg diff before.tar after.tar
              overlayimg diff docker-archive:all.tar:web:1 docker-archive:all.tar:web:2 --json | jq -r '.paths[].path'
              overlayimg diff --exit-code -q first.tar second.tar && echo reproducible
            """,
        };
        foreach (var argument in new[] { first, second }) command.Add(argument);
        foreach (var option in new[] { times, exitCode }) command.Add(option);
        var platform = new PlatformOption();
        platform.AddTo(command);
        var registry = new RegistryGroup();
        registry.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(first) == "-" && result.GetValue(second) == "-") result.AddError("Only one of the images can come from stdin.");
        });
        VerbRunner.Attach(command,
            new Rendering<Outcome>(WriteJson, ShowAsync, outcome => outcome.ExitCode),
            async (parsed, session) =>
            {
                var access = registry.Read(parsed, parsed.GetValue(first)!, parsed.GetValue(second)!);
                BaseImageChoice Choice(Argument<string> image) => BaseImageChoice.Parse(parsed.GetValue(image)!, null, null, platform.Read(parsed), access);
                var options = new ImageDiffOptions(
                    Choice(first), Choice(second), parsed.GetValue(times));
                var differences = await ImageDiff.RunAsync(options, session);
                var isToTell = parsed.GetValue(exitCode) && !differences.AreEqual;
                return new Outcome(differences, parsed.GetValue(CommonOptions.Quiet), isToTell ? ExitCodes.Different : ExitCodes.Done);
            }, onlyReads: true);
        return command;
    }

    private static void WriteJson(Utf8JsonWriter writer, Outcome outcome, IReadOnlyList<string> warnings)
    {
        var differences = outcome.Differences;
        writer.WriteBoolean("equal", differences.AreEqual);
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
        if (outcome.Differences.AreEqual) reporter.Line("The images are equal.");
        using var listing = new Listing();
        foreach (var (field, before, after) in outcome.Differences.Fields) listing.AddLine($"changed {field}: {PathDifferenceText.Change(before, after)}");
        foreach (var difference in outcome.Differences.Paths) listing.AddLine(PathDifferenceText.Line(difference));
        listing.Flush();
        return Task.CompletedTask;
    }

    private sealed record Outcome(ImageDifferences Differences, bool IsQuiet, int ExitCode);
}
