using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Sandbox;

namespace OverlayImg.Builders;

/// <summary>Where a pure layer goes.</summary>
public sealed record PureLayerBuildOptions
{
    /// <summary>The layer directory to make.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>The base image, whose links decide where contents land; null for none.</summary>
    public BaseImageChoice? From { get; init; }

    /// <summary>The layer.</summary>
    public required PureLayerOptions Layer { get; init; }

    /// <summary>What the layer's json starts from; null for the default.</summary>
    public string? BaseJson { get; init; }

    /// <summary>Where temporary files go.</summary>
    public required string CacheDirectory { get; init; }
}

/// <summary>dockerTools' mkPureLayer: host directories → tree → tar (spec dockertools, 1.9).</summary>
public static class PureLayerBuild
{
    private const string PackingStep = "Packing the layer";

    /// <summary>Makes the layer directory.</summary>
    /// <exception cref="InputException">The base image is broken, or the contents can't be a layer.</exception>
    /// <exception cref="MachineException">Something may not be read, or the host has no space.</exception>
    /// <exception cref="ScriptException">The extra commands failed.</exception>
    public static async Task<LayerResult> RunAsync(
        PureLayerBuildOptions options, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var clock = new PhaseClock();
        OutputPlace.RequireOutside(options.OutputDirectory, options.Layer.Contents.Paths);
        using var output = LayerDirectory.Prepare(options.OutputDirectory);
        using var scratch = ScratchDirectory.Create(Path.Combine(options.CacheDirectory, "tmp"));
        using var image = options.From is null ? null : await BaseImage.OpenAsync(options.From, options.CacheDirectory, scratch, progress, cancellationToken);
        var architecture = image?.Image.Config.Architecture is { Length: > 0 } given ? given : Architectures.Host;
        var baseJson = await BaseJson.ReadAsync(options.BaseJson, architecture, cancellationToken);
        using var layer = await PureLayer.PrepareAsync(options.Layer, image?.Merged, scratch, progress, cancellationToken);
        if (layer.Tree.Root.Count == 0) progress.Report(new Warning("The layer has no files: neither contents nor scripts have any."));
        clock.Record("contents");

        progress.Report(new StepStarted(PackingStep));
        var files = layer.Tree.Walk().Select(entry => entry.Node).OfType<RegularFileNode>();
        using var tar = output.CreateTar(new StepMeter(PackingStep, files.Sum(file => file.Content.Length), progress));
        await Task.Run(() => TarTreeWriter.Write(layer.Tree, tar, layer.TarOptions, cancellationToken), cancellationToken);
        var (diffId, checksum) = tar.Complete();
        if (image is not null) await image.VerifyAsync(null, cancellationToken);
        output.Publish(baseJson, checksum);
        clock.Record("pack");
        return new()
        {
            Directory = options.OutputDirectory,
            DiffId = diffId.ToString(),
            Checksum = checksum,
            Size = tar.Length,
            Entries = layer.Tree.Walk().Count(),
            Whiteouts = 0,
            BaseImage = image?.Image.DisplayName,
            ParentLayers = image?.Layers.Count ?? 0,
            Phases = clock.Phases,
        };
    }
}
