using OverlayImg.Builders.NewImages;
using OverlayImg.Closures.Layering;
using OverlayImg.Images;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Transfers;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>
/// Builds an image from a base image, layers of store paths, a customisation layer and a config, as dockerTools' buildLayeredImage and
/// streamLayeredImage do. An uncompressed layer is never copied: its tar is generated twice, to be hashed and to be written.
/// </summary>
public static class LayeredImageBuild
{
    /// <summary>Builds the image.</summary>
    /// <exception cref="InputException">
    /// The base image, the contents, the closure or the config can't be used; the number of layers is too small; or a file changed.
    /// </exception>
    /// <exception cref="MachineException">A file may not be read, the guest can't run, or the host has no space.</exception>
    /// <exception cref="ScriptException">A script failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest or the script took too long.</exception>
    /// <exception cref="ClosedPipeException">The reader of the archive has closed the pipe.</exception>
    public static Task<ImageBuildResult> RunAsync(LayeredImageOptions options, Session session) =>
        RunDeadline.WithinAsync(options.Guest, session, (guest, session) => RunInTimeAsync(options with { Guest = guest }, session));

    private static async Task<ImageBuildResult> RunInTimeAsync(LayeredImageOptions options, Session session)
    {
        var (cancellationToken, clock) = (session.CancellationToken, session.Clock);
        if (ImageNaming.ProblemWith(options.Name, options.Tag) is { } problem) throw new InputException(problem);
        NewImageConfig.RequireValid(options.Config);
        var output = await ImageOutputWriter.PrepareAsync(options.Output, session);
        var baseImage = options.From is null ? null : await BaseImage.OpenAsync(options.From, session);
        clock.Record("base");
        // Wrong inputs are refused before scripts run.
        var config = new NewImageConfig(baseImage?.Image.Config, options);
        var plan = new ImagePlan(options, config, LayerBudget.Available(options.MaxLayers, baseImage?.Layers.Count ?? 0), cancellationToken);
        var closure = await Task.Run(() => OpenClosure(options, cancellationToken), cancellationToken);
        var customisation = await CustomisationLayer.MakeAsync(options, closure, baseImage, session);
        var layers = await Task.Run(() => plan.LayersAsync(customisation, closure), cancellationToken);
        if (baseImage is null && layers.Count == 1 && customisation.Tree.Root.Count == 0) session.Warn(NewImageOptions.HasNoFiles);
        clock.Record("plan");
        var blobs = await LayerTar.HashAsync(layers, session);
        clock.Record("hash");
        if (baseImage is not null) await baseImage.VerifyAsync(null, cancellationToken);
        clock.Record("verify");

        config.WarnOfDifferences(baseImage, session);
        var image = await NewImageAsync(options, config, baseImage, [.. layers.Zip(blobs)], session);
        var written = await WriteAsync(options, image, baseImage, blobs, output);
        clock.Record("write");
        return new()
        {
            Reference = image.References[0],
            ImageId = image.Config.Id,
            Format = options.Output.Format,
            Output = options.Output,
            File = written.File,
            Layers = Explain([.. BuiltLayer.Of(image, written)], layers),
            ManifestDigest = written.Manifests is [var manifest] ? manifest.Digest : null,
            BaseImage = baseImage?.Image.DisplayName,
            Run = customisation.Run,
            Phases = clock.Phases,
        };
    }

    // Null if the image gets neither store paths nor a Nix database.
    private static LayerClosure? OpenClosure(LayeredImageOptions options, CancellationToken cancellationToken)
    {
        if (!options.IncludeStorePaths && !options.NixDatabase) return null;
        var closure = new LayerClosure(options.Contents, cancellationToken)
        {
            File = options.ClosureFile,
            Config = options.Config,
            Database = options.NixDatabase ? new(options.FileTime, 0, 0) : null,
            NeedsReferences = true,
            // A Debian root file system is divided by packages. Store paths that its text files mention do not belong to the image.
            SearchesContents = options.Layering != LayeringStrategy.Dpkg,
            IsIncluded = options.IncludeStorePaths,
        };
        closure.Open();
        closure.RequireContents();
        return closure;
    }

    private static async Task<Image> NewImageAsync(LayeredImageOptions options, NewImageConfig config, BaseImage? baseImage,
        IReadOnlyList<(LayerTar Tar, Layer Blob)> layers, Session session)
    {
        var isDockerTools = options.Output.Format == ArchiveFormat.DockerTools;
        var below = new List<Layer>();
        foreach (var layer in baseImage?.Image.Layers ?? []) below.Add(await layer.AsVerifiedAsync(session.CancellationToken));
        Layer[] above = [.. layers.Select(layer => layer.Blob)];
        var all = isDockerTools ? [.. below, .. above] : await LayerCompression.ApplyAsync(below, above, options.CompressionFor(below), session);
        var text = isDockerTools
            ? Streamed(options, config, baseImage, layers)
            : config.Full([.. layers.Select(layer =>
                new HistoryLayer(layer.Blob.DiffId, options.CreatedBy, StreamedConfig.Comment(layer.Tar.Names)))]);
        var tag = options.Tag ?? ImageNaming.AutomaticTag(Digest.Of(text));
        if (options.Tag is null) session.Warn($"No tag is given, so the image gets a tag from its content: {options.Name}:{tag}.");
        return new([new(options.Name, tag)], ImageConfig.Parse(text, new(Path: "config")), all)
        {
            Annotations = options.AnnotationsOn(baseImage?.Image),
        };
    }

    private static byte[] Streamed(
        LayeredImageOptions options, NewImageConfig config, BaseImage? baseImage, IReadOnlyList<(LayerTar Tar, Layer Blob)> layers)
    {
        var created = PythonTime.Parse(options.Created) ?? throw new ArgumentException("Is no time.", nameof(options));
        // Without a base image and a config, nixpkgs writes an empty config, not null.
        var container = baseImage is null ? config.Own ?? [] : StreamedConfig.OnBase(baseImage.Image.Config.Environment, config.Own);
        var below = baseImage?.Image.Layers.Select(layer => (layer.DiffId, (IReadOnlyList<string>)[layer.Member])) ?? [];
        var above = layers.Select(layer => (layer.Blob.DiffId, layer.Tar.Names));
        return StreamedConfig.Of(config.Architecture, options.Variant, created, container, [.. below, .. above]);
    }

    private static Task<WrittenImages> WriteAsync(
        LayeredImageOptions options, Image image, BaseImage? baseImage, IReadOnlyList<Layer> blobs, ImageOutputWriter output)
    {
        if (options.Output.Format != ArchiveFormat.DockerTools)
            return output.WriteAsync([image], options.LayerCompression);

        var below = baseImage?.Image.Layers.Select(layer => new StreamedLayer(layer.Member, layer.StoredContent)) ?? [];
        var streamed = new StreamedImage
        {
            RepoTag = image.References[0].Text,
            Config = image.Config.Bytes,
            Layers = [.. below, .. blobs.Select(StreamedLayer.Of)],
            FileTime = options.FileTime,
        };
        return output.WriteDockerToolsAsync((stream, token) => StreamedArchive.Write(streamed, stream, token));
    }

    private static IReadOnlyList<BuiltLayer> Explain(BuiltLayer[] written, IReadOnlyList<LayerTar> layers)
    {
        var below = written.Length - layers.Count;
        return [.. written.Select((layer, index) => layer with
        {
            Explanation = index < below ? new("the base image's", []) : layers[index - below].Explanation,
        })];
    }
}
