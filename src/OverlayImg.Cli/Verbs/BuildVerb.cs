using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Builders;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg build</c>: dockerTools' buildImage.</summary>
internal static class BuildVerb
{
    public static Command Create()
    {
        var options = new ImageBuildGroup();
        var schema = new Option<bool>("--spec-schema") { Description = "Print the JSON Schema of specs (draft 2020-12), and build nothing." };
        var command = new Verb("build",
            "Builds an image: a base image, one new layer from files or from a script that runs as root in a guest, and a config.")
        {
            Examples = """
              overlayimg build --from base.tar --contents ./rootfs --cmd '["/bin/app"]' --name app --tag 1.0 -o app.tar.gz
              overlayimg build --from base.tar --run-as-root setup.sh --inherit-config --name team/app --tag 1.0 -o app.tar
              overlayimg build --contents ./rootfs --closure closure.txt --name app --tag 1.0 --format dockertools -o - | docker load
              overlayimg build --spec image.json -o app.tar.gz
            """,
        };
        options.AddTo(command, schema);
        command.Add(schema);
        VerbRunner.Attach(command, new Rendering<Outcome>(WriteJson, ShowAsync), async (parsed, reporter, cancellationToken) =>
            parsed.GetValue(schema)
                ? new(ImageSpecFile.Schema(), null)
                : new(null, await ImageBuild.RunAsync(await options.ReadAsync(parsed, cancellationToken), reporter, cancellationToken)));
        return command;
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

    // The schema is what was asked for, so it goes to stdout.
    private static Task ShowAsync(Outcome outcome, Reporter reporter) => outcome.Image is { } image
        ? Render.Image.Text(image, reporter)
        : JsonOutput.PrintAsync(writer => WriteJson(writer, outcome, []), CancellationToken.None);
}
