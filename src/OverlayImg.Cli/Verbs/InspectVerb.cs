using System.CommandLine;
using OverlayImg.Builders.Inspections;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg inspect</c>: shows config, layers and wasted files of images.</summary>
internal static class InspectVerb
{
    private const int DefaultPaths = 10;

    public static Command Create()
    {
        var image = new ImageArgument();
        var layers = new Option<bool>("--layers") { Description = "Show only the layers." };
        var config = new Option<bool>("--config") { Description = "Show only the config, as JSON in which characters outside ASCII are escaped." };
        var wasted = new Option<bool>("--wasted")
        {
            Description = "Show only wasted files, which a later layer overwrites or deletes; all of them instead of the first 10.",
        };
        var maxWaste = new MaxWasteOption();
        var html = new HtmlOption(
            "Write a page about the image instead of a listing: a map of the files by layer, the layers, the largest and the wasted files.");
        var command = new Verb("inspect",
            "Shows an image: names, config, layers with digests and sizes, and wasted bytes (files that a later layer overwrites or deletes). " +
            "Shows all images of an archive or layout unless one is chosen. Digests are not verified: use 'overlayimg validate' for that.")
        {
            Summary = "Shows config, layers and wasted files of images.",
            Examples = """
              overlayimg inspect base.tar
              overlayimg inspect base.tar --wasted
              overlayimg inspect base.tar --max-waste 5%
              overlayimg inspect base.tar --html base.html
              overlayimg inspect docker-archive:all.tar:web:1.2 --json
            """,
        };
        image.AddTo(command);
        command.Add(OptionSection.Main, layers, config, wasted);
        maxWaste.AddTo(command);
        html.AddTo(command);
        VerbRunner.Attach(command, new Rendering<Inspection>(InspectionJson.Write, ShowAsync),
            async (parsed, session) =>
            {
                var (onlyLayers, onlyConfig, onlyWasted) = (parsed.GetValue(layers), parsed.GetValue(config), parsed.GetValue(wasted));
                var isAll = !onlyLayers && !onlyConfig && !onlyWasted;
                if (html.Read(parsed) is { } path)
                {
                    if (!isAll) throw new UsageException("--html writes a whole page: leave --layers, --config and --wasted out.");
                    var (report, page) = await ImageInspection.WritePageAsync(image.Read(parsed), path, session);
                    return new([report], Summary: true, Layers: true, Config: false, DefaultPaths) { Limit = maxWaste.Read(parsed), Page = page };
                }

                var images = await ImageInspection.RunAsync(image.Read(parsed), session);
                return new(images, isAll, isAll || onlyLayers, onlyConfig, onlyWasted ? int.MaxValue : isAll ? DefaultPaths : 0)
                {
                    Limit = maxWaste.Read(parsed),
                };
            }, onlyReads: true);
        return command;
    }

    private static Task ShowAsync(Inspection inspection, Reporter reporter)
    {
        if (inspection.Page is not { } page) return InspectionListing.PrintAsync(inspection);
        PageText.Show(page, inspection.Images[0].Image.DisplayName, reporter);
        return Task.CompletedTask;
    }
}
