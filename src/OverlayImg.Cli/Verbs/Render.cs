using System.Globalization;
using System.Text.Json;
using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Builders.NewImages;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Closures.Layering;
using OverlayImg.Images.References;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Cli.Verbs;

/// <summary>Prints the results that several verbs share.</summary>
internal static class Render
{
    /// <summary>The rendering of a new layer.</summary>
    public static Rendering<LayerResult> Layer { get; } = new(WriteJson, ShowAsync);

    /// <summary>The rendering of a new image.</summary>
    public static Rendering<ImageBuildResult> Image { get; } = new(WriteJson, ShowAsync);

    private static void WriteJson(Utf8JsonWriter writer, ImageBuildResult image, IReadOnlyList<string> warnings)
    {
        writer.WriteString("imageId", image.ImageId.ToString());
        if (image.ManifestDigest is { } manifest) writer.WriteString("digest", manifest.ToString());
        writer.WriteString("name", image.Reference.Name);
        writer.WriteString("tag", image.Reference.Tag);
        writer.WriteString("format", image.Format.ToString().ToLowerInvariant());
        writer.WriteString("output", image.File.Path);
        writer.WriteNumber("size", image.File.Length);
        writer.WriteStartArray("layers");
        foreach (var layer in image.Layers)
        {
            writer.WriteStartObject();
            writer.WriteString("diffId", layer.DiffId.ToString());
            writer.WriteString("digest", layer.Digest.ToString());
            writer.WriteNumber("size", layer.Size);
            if (layer.Explanation is { } explanation) WriteExplanation(writer, explanation);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (image.Checksum is not null) writer.WriteString("checksum", image.Checksum);
        writer.WriteString("baseImage", image.BaseImage);
        WriteRun(writer, image.Run);
        WritePhases(writer, image.Phases);
        writer.WriteTexts("warnings", warnings);
    }

    private static void WriteExplanation(Utf8JsonWriter writer, LayerExplanation explanation)
    {
        writer.WriteString("reason", explanation.Reason);
        writer.WriteStartArray("paths");
        foreach (var (path, reason) in explanation.Paths)
        {
            writer.WriteStartObject();
            writer.WriteString("path", path);
            writer.WriteString("reason", reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Explain(Reporter reporter, IReadOnlyList<BuiltLayer> layers)
    {
        foreach (var (index, layer) in layers.Index())
        {
            if (layer.Explanation is not { } explanation) continue;
            reporter.Line(string.Create(CultureInfo.InvariantCulture, $"layer {index + 1}, {SizeText.Format(layer.Size)}: {explanation.Reason}"));
            foreach (var (path, reason) in explanation.Paths) reporter.Line($"  {path} ({reason})");
        }
    }

    private static Task ShowAsync(ImageBuildResult image, Reporter reporter)
    {
        Explain(reporter, image.Layers);
        ShowPhases(reporter, image.Phases);
        ShowRun(reporter, image.Run);
        reporter.Line($"{image.File.Path}: {image.Reference}, {Counted.Of(image.Layers.Count, "layer")}, " +
            $"{SizeText.Format(image.File.Length)}, image ID {image.ImageId}");
        // The digest is how an image in a registry can be pinned.
        if (image.File.Path.StartsWith(RegistryReference.Transport, StringComparison.Ordinal)) reporter.Line($"digest: {image.ManifestDigest}");
        reporter.Closing(image.Changes, NextCommand.ForImage(image.Output, image.Reference.Tag));
        return Task.CompletedTask;
    }

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
        WriteRun(writer, layer.Run);
        WritePhases(writer, layer.Phases);
        writer.WriteTexts("warnings", warnings);
    }

    private static Task ShowAsync(LayerResult layer, Reporter reporter)
    {
        ShowPhases(reporter, layer.Phases);
        ShowRun(reporter, layer.Run);
        var whiteouts = layer.Run is null ? "" : $"{Counted.Of(layer.Whiteouts, "whiteout")} among them, ";
        reporter.Line($"{layer.Directory}: {Counted.Of(layer.Entries, "entry", "entries")}, {whiteouts}" +
            $"{SizeText.Format(layer.Size)}, diff ID {layer.DiffId}");
        reporter.Closing(layer.Changes, NextCommand.ForLayer(layer.Directory));
        return Task.CompletedTask;
    }

    private static void WriteRun(Utf8JsonWriter writer, GuestRun? run)
    {
        if (run is null) return;
        writer.WriteString("accelerator", run.Accelerator);
        writer.WriteString("start", run.Start.ToString().ToLowerInvariant());
        writer.WriteBoolean("mounted", run.Mounted);
        writer.WriteBoolean("reused", run.Start == GuestStart.None);
        writer.WriteBoolean("network", run.Network);
        if (run.OutFile is not null) writer.WriteString("out", run.OutFile);
    }

    private static void WritePhases(Utf8JsonWriter writer, IEnumerable<PhaseTime> phases)
    {
        writer.WriteStartObject("phases");
        foreach (var (name, duration) in phases) writer.WriteNumber(name, Math.Round(duration.TotalSeconds, 3));
        writer.WriteEndObject();
    }

    private static void ShowPhases(Reporter reporter, IEnumerable<PhaseTime> phases)
    {
        if (!reporter.Verbose) return;
        foreach (var (name, duration) in phases)
            reporter.Line(string.Create(CultureInfo.InvariantCulture, $"{name,-14} {duration.TotalSeconds,8:0.000} s"));
    }

    private static void ShowRun(Reporter reporter, GuestRun? run)
    {
        if (run is { Start: GuestStart.None }) reporter.Line("Nothing was run: the layer is reused from an earlier run with the same inputs.");
        if (run is { Network: true }) reporter.Line("The scripts had a network: the layer may depend on more than its inputs.");
    }
}
