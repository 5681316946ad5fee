using System.CommandLine;
using OverlayImg.Builders.Inspections;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg inspect</c>: what is in an image.</summary>
internal static class InspectVerb
{
    private const int DefaultPaths = 10;

    public static Command Create()
    {
        var image = new ImageArgument();
        var layers = new Option<bool>("--layers") { Description = "Show the layers only." };
        var config = new Option<bool>("--config") { Description = "Show the config only, as JSON; what is no ASCII is escaped." };
        var wasted = new Option<bool>("--wasted") { Description = "Show wasted files only, all of them." };
        var command = new Verb("inspect",
            "Shows what is in an image: names, config, layers with their digests and sizes, and the bytes that it stores for nothing: " +
            "files that a later layer overwrote or deleted. Without a choice, all images of the archive. Verifies nothing: see validate.")
        {
            Examples = """
              overlayimg inspect base.tar
              overlayimg inspect base.tar --wasted
              overlayimg inspect docker-archive:all.tar:web:1.2 --json
            """,
        };
        image.AddTo(command);
        foreach (var option in new[] { layers, config, wasted }) command.Add(option);
        VerbRunner.Attach(command, new Rendering<Inspection>(
            (writer, inspection, warnings) => InspectionJson.Write(writer, inspection.Images, warnings),
            (inspection, _) => InspectionListing.PrintAsync(inspection)),
            async (parsed, session) =>
            {
                var (onlyLayers, onlyConfig, onlyWasted) = (parsed.GetValue(layers), parsed.GetValue(config), parsed.GetValue(wasted));
                var isAll = !onlyLayers && !onlyConfig && !onlyWasted;
                var images = await ImageInspection.RunAsync(image.Read(parsed), session);
                return new(images, isAll, isAll || onlyLayers, onlyConfig, onlyWasted ? int.MaxValue : isAll ? DefaultPaths : 0);
            }, onlyReads: true);
        return command;
    }
}

/// <summary>What <c>inspect</c> found, and which parts of it are to be shown.</summary>
/// <param name="Images">The images.</param>
/// <param name="Summary">Whether names, sizes and the settings of the container are shown.</param>
/// <param name="Layers">Whether the layers are.</param>
/// <param name="Config">Whether the whole config is.</param>
/// <param name="WastedPaths">How many of the wasted files at most.</param>
internal sealed record Inspection(IReadOnlyList<ImageReport> Images, bool Summary, bool Layers, bool Config, int WastedPaths);
