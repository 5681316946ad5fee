using System.Globalization;
using System.Text.Json;
using OverlayImg.Builders;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary>How results that several verbs share are shown.</summary>
internal static class Render
{
    /// <summary>A new layer.</summary>
    public static Rendering<LayerResult> Layer { get; } = new(WriteJson, ShowAsync);

    private static void WriteJson(Utf8JsonWriter writer, LayerResult layer, IReadOnlyList<string> warnings)
    {
        writer.WriteString("directory", layer.Directory);
        writer.WriteString("diffId", layer.DiffId);
        writer.WriteString("checksum", layer.Checksum);
        writer.WriteNumber("size", layer.Size);
        writer.WriteNumber("entries", layer.Entries);
        writer.WriteNumber("whiteouts", layer.Whiteouts);
        writer.WriteString("baseImage", layer.BaseImage);
        writer.WriteNumber("parentLayers", layer.ParentLayers);
        if (layer.Run is { } run)
        {
            writer.WriteString("accelerator", run.Accelerator);
            writer.WriteBoolean("network", run.Network);
            if (run.OutFile is not null) writer.WriteString("out", run.OutFile);
        }

        writer.WriteStartObject("phases");
        foreach (var (name, duration) in layer.Phases) writer.WriteNumber(name, Math.Round(duration.TotalSeconds, 3));
        writer.WriteEndObject();
        writer.WriteTexts("warnings", warnings);
    }

    private static Task ShowAsync(LayerResult layer, Reporter reporter)
    {
        if (reporter.Verbose)
        {
            foreach (var (name, duration) in layer.Phases)
                reporter.Line(string.Create(CultureInfo.InvariantCulture, $"{name,-14} {duration.TotalSeconds,8:0.000} s"));
        }

        if (layer.Run is { Network: true }) reporter.Line("The scripts had a network: the layer may depend on more than its inputs.");
        var whiteouts = layer.Run is null ? "" : $"{layer.Whiteouts} of them whiteouts, ";
        reporter.Line($"{layer.Directory}: {layer.Entries} entries, {whiteouts}" +
            $"{SizeText.Format(layer.Size)}, diff ID {layer.DiffId}");
        return Task.CompletedTask;
    }
}
