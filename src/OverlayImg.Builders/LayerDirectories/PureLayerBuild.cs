using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Pure;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>A layer to make from files of the host, without a guest, and its output directory.</summary>
public sealed record PureLayerBuildOptions
{
    /// <summary>Path of the layer directory to create.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>The base image, whose symbolic links to directories decide where contents go; null for none.</summary>
    public ImageChoice? From { get; init; }

    /// <summary>The contents and the options of the layer.</summary>
    public required PureLayerOptions Layer { get; init; }

    /// <summary>Path of a JSON file with the members of the layer's json; null for the default.</summary>
    public string? BaseJson { get; init; }

    /// <summary>
    /// Path of a file with the store paths of the layer; null for the store paths that contents, the layer's json and script results refer to.
    /// </summary>
    public string? ClosureFile { get; init; }
}

/// <summary>Makes a layer from directories and tarballs of the host, as dockerTools' mkPureLayer does.</summary>
public static class PureLayerBuild
{
    private const string PackingStep = "Packing the layer";

    /// <summary>Makes the layer directory.</summary>
    /// <exception cref="InputException">The base image is broken, or a layer can't hold one of the contents.</exception>
    /// <exception cref="MachineException">A file may not be read, or the host has no space.</exception>
    /// <exception cref="ScriptException">The extra commands failed.</exception>
    public static async Task<LayerResult> RunAsync(PureLayerBuildOptions options, Session session)
    {
        var cancellationToken = session.CancellationToken;
        OutputPlace.RequireOutside(options.OutputDirectory, options.Layer.Contents.Paths);
        using var output = LayerDirectory.Prepare(options.OutputDirectory);
        // A wrong JSON file is refused before the base image is read.
        var givenJson = options.BaseJson is null ? null : await BaseJson.ReadAsync(options.BaseJson, "", cancellationToken);
        var closure = new LayerClosure(options.Layer.Contents, cancellationToken)
        {
            File = options.ClosureFile,
            Config = givenJson?["config"] as JsonObject,
        };
        await Task.Run(closure.Open, cancellationToken);
        var image = options.From is null ? null : await BaseImage.OpenAsync(options.From, session);
        var architecture = image?.Image.Config.Architecture is { Length: > 0 } given ? given : Architectures.Host;
        var baseJson = givenJson ?? await BaseJson.ReadAsync(null, architecture, cancellationToken);
        var below = ContentsBase.Of(image, options.From, options.Layer.Contents);
        var layer = await PureLayer.PrepareAsync(options.Layer with { Closure = closure }, below, session);
        if (layer.Tree.Root.Count == 0) session.Warn("The layer has no files: no contents are given, and no script made files.");
        session.Clock.Record("contents");

        session.Step(PackingStep);
        if (options.Layer.ExtraCommands is not null)
            await Task.Run(() => closure.Complete(layer.Tree, image?.Merged, session.Progress), cancellationToken);
        var files = closure.Files();
        var length = files.ContentLength + layer.Tree.Walk().Sum(entry => entry.Node is RegularFileNode file ? file.Content.Length : 0);
        using var tar = output.CreateTar(new StepMeter(PackingStep, length, session.Progress));
        FileTree Merge() => image is null ? layer.Tree : LayerStack.Merge([image.Merged, layer.Tree], cancellationToken);
        var appended = await Task.Run(
            () => LayerPacking.Write(tar, layer.Tree, layer.TarOptions, files, Merge, cancellationToken), cancellationToken);
        var (diffId, checksum) = tar.Complete();
        if (image is not null) await image.VerifyAsync(null, cancellationToken);
        output.Publish(baseJson, checksum);
        session.Clock.Record("pack");
        return new()
        {
            Directory = options.OutputDirectory,
            DiffId = diffId.ToString(),
            Checksum = checksum,
            Size = tar.Length,
            Entries = layer.Tree.Walk().Count() + appended,
            Whiteouts = 0,
            Changes = LayerChanges.Of(layer.Tree, image?.Merged).WithAdded(appended),
            BaseImage = image?.Image.DisplayName,
            ParentLayers = image?.Layers.Count ?? 0,
            Phases = session.Clock.Phases,
        };
    }
}
