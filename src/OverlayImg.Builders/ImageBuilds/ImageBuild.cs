using OverlayImg.Builders.NewImages;
using OverlayImg.Images;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Transfers;
using OverlayImg.Layers.Checks;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Builders.ImageBuilds;

/// <summary>
/// Builds an image from a base image, one new layer and a config, as dockerTools' buildImage does, or with a new layer for each script.
/// </summary>
public static class ImageBuild
{
    /// <summary>Builds the image.</summary>
    /// <exception cref="InputException">The base image, the contents, the closure or the config can't be used.</exception>
    /// <exception cref="MachineException">The guest can't be run here, or the host has no space.</exception>
    /// <exception cref="ScriptException">A script failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest or the scripts took too long.</exception>
    /// <exception cref="IrreproducibleException">A check was wanted, and two runs of the scripts gave different layers.</exception>
    /// <exception cref="ClosedPipeException">The reader of the archive has closed the pipe.</exception>
    public static Task<ImageBuildResult> RunAsync(ImageBuildOptions options, Session session) =>
        RunDeadline.WithinAsync(options.Guest, session, (guest, session) => RunInTimeAsync(options with { Guest = guest }, session));

    private static async Task<ImageBuildResult> RunInTimeAsync(ImageBuildOptions options, Session session)
    {
        var cancellationToken = session.CancellationToken;
        if (ImageNaming.ProblemWith(options.Name, options.Tag) is { } problem) throw new InputException(problem);
        NewImageConfig.RequireValid(options.Config);
        var output = await ImageOutputWriter.PrepareAsync(options.Output, session);
        // Wrong inputs are refused before scripts run.
        var closure = new LayerClosure(options.Contents, cancellationToken)
        {
            File = options.ClosureFile,
            Config = options.Config,
            Database = !options.NixDatabase ? null
                : options.RunsGuest ? new(options.FileTime, 0, 0) : new(options.FileTime, options.Uid ?? 0, options.Gid ?? 0),
        };
        await Task.Run(closure.Open, cancellationToken);
        var layers = await NewLayers.MakeAsync(options, closure, session);
        session.Clock.Record("pack");
        var baseImage = layers[0].Base;
        var config = new NewImageConfig(baseImage?.Image.Config, options);
        config.WarnOfDifferences(baseImage, session);
        foreach (var layer in layers) await layer.VerifyAsync(cancellationToken);
        session.Clock.Record("verify");

        var image = await NewImageAsync(options, config, layers, session);
        var written = await WriteAsync(options, config, image, layers[0], output);
        session.Clock.Record("write");
        return new()
        {
            Reference = image.References[0],
            ImageId = image.Config.Id,
            Format = options.Output.Format,
            Output = options.Output,
            File = written.File,
            Layers = [.. BuiltLayer.Of(image, written)],
            ManifestDigest = written.Manifests is [var manifest] ? manifest.Digest : null,
            Checksum = options.Output.Format == ArchiveFormat.DockerTools ? layers[0].Packed.Checksum : null,
            Changes = layers is [var only] ? only.Packed.Changes : null,
            BaseImage = baseImage?.Image.DisplayName,
            Run = NewLayers.RunOf(layers),
            Phases = session.Clock.Phases,
        };
    }

    private static async Task<Image> NewImageAsync(
        ImageBuildOptions options, NewImageConfig config, IReadOnlyList<FinishedLayer> made, Session session)
    {
        var (baseImage, isDockerTools) = (made[0].Base?.Image, options.Output.Format == ArchiveFormat.DockerTools);
        var below = new List<Layer>();
        foreach (var layer in baseImage?.Layers ?? []) below.Add(await layer.AsVerifiedAsync(session.CancellationToken));
        Layer[] above = [.. made.Select(layer => Layer.OfTar(layer.Packed.Content, layer.Packed.DiffId))];
        var layers = isDockerTools ? [.. below, .. above] : await LayerCompression.ApplyAsync(below, above, options.CompressionFor(below), session);
        var text = isDockerTools ? config.DockerTools(made[0].Packed.DiffId)
            : config.Full(NewLayers.History(options, made));
        var tag = options.Tag ?? ImageNaming.AutomaticTag(Digest.Of(text));
        if (options.Tag is null) session.Warn($"No tag is given, so the image gets a tag from its content: {options.Name}:{tag}.");
        return new([new(options.Name, tag)], ImageConfig.Parse(text, new(Path: "config")), layers)
        {
            Annotations = options.AnnotationsOn(baseImage),
        };
    }

    private static Task<WrittenImages> WriteAsync(
        ImageBuildOptions options, NewImageConfig config, Image image, FinishedLayer layer, ImageOutputWriter output)
    {
        var (baseImage, packed) = (layer.Base, layer.Packed);
        if (options.Output.Format != ArchiveFormat.DockerTools)
            return output.WriteAsync([image], options.LayerCompression);

        var json = LayerJson.Of(config.BaseJson(), packed.Checksum, baseImage?.Image.Config.Id, packed.Source.Length);
        var archive = new DockerToolsImage
        {
            Reference = image.References[0],
            Config = image.Config.Bytes,
            BaseArchive = baseImage?.Source,
            BaseLayers = baseImage?.Image.Layers ?? [],
            LayerId = json.LayerId,
            LayerJson = json.Text,
            LayerTar = packed.Content,
        };
        return output.WriteDockerToolsAsync((stream, token) => DockerToolsArchive.Write(archive, stream, options.FileTime, token));
    }
}
