using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Builders.NewImages;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Cli.Verbs;

/// <summary>The common part of the verbs that build an image: they build the image, or print the schema of their specs.</summary>
internal static class ImageVerb
{
    /// <summary><c>--spec-schema</c>: prints the schema of specs.</summary>
    public static Option<bool> SchemaOption() =>
        new("--spec-schema") { Description = "Print the JSON Schema (draft 2020-12) of the file that --spec takes, and build nothing." };

    /// <summary>Makes <paramref name="build"/> the command's action, unless the schema is asked for.</summary>
    public static void Attach(Command command, Option<bool> schema, SpecKind kind, Func<ParseResult, Session, Task<ImageBuildResult>> build)
    {
        command.Add(OptionSection.Nix, schema);
        VerbRunner.Attach(command, new Rendering<Outcome>(WriteJson, ShowAsync), async (parsed, session) =>
            parsed.GetValue(schema) ? new(ImageSpecFile.Schema(kind), null) : new(null, await build(parsed, session)));
    }

    private sealed record Outcome(JsonObject? Schema, ImageBuildResult? Image);

    private static void WriteJson(Utf8JsonWriter writer, Outcome outcome, IReadOnlyList<string> warnings)
    {
        if (outcome.Image is { } image)
        {
            Render.Image.Json(writer, image, warnings);
            return;
        }

        foreach (var (name, value) in outcome.Schema!)
        {
            writer.WritePropertyName(name);
            value!.WriteTo(writer);
        }
    }

    // The schema is the result of the verb, so it goes to stdout.
    private static Task ShowAsync(Outcome outcome, Reporter reporter)
    {
        if (outcome.Image is { } image) return Render.Image.Text(image, reporter);
        JsonOutput.Print(writer => WriteJson(writer, outcome, []));
        return Task.CompletedTask;
    }
}
