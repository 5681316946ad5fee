using OverlayImg.Builders.NewImages;
using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.Images;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Sources;

namespace OverlayImg.Builders.LayeredImages.StreamConfs;

/// <summary>
/// Writes the archive that nixpkgs' <c>stream_layered_image.py</c> writes for a JSON file: the same layers, config and order of members.
/// Layers of a base image are copied as they are stored.
/// </summary>
public static class StreamConfBuild
{
    // The script writes these two directories even if the store is elsewhere.
    private static readonly ByteString[] Above = [new("nix"u8), new("nix/store"u8)];

    /// <summary>Writes the image.</summary>
    /// <exception cref="InputException">The file, the base image or a layer can't be used, or a file changed.</exception>
    /// <exception cref="MachineException">A file may not be read, or the host has no space.</exception>
    /// <exception cref="ClosedPipeException">The reader of the archive has closed the pipe.</exception>
    public static async Task<ImageBuildResult> RunAsync(StreamConfOptions options, Session session)
    {
        var (cancellationToken, clock) = (session.CancellationToken, session.Clock);
        var conf = await StreamConfFile.ReadAsync(options.Conf, cancellationToken);
        using var output = TarOutputFile.Prepare(options.Destination);
        var archive = conf.FromImage is null ? null : session.Own(await ImageSource.OpenAsync(conf.FromImage, session.Scratch, cancellationToken));
        var baseImage = archive?.Select(null, null, null, out _);
        var verified = VerifyAsync(baseImage, cancellationToken);
        using var made = MadeLayer.Open(conf.CustomisationLayer);
        var layers = await LayersAsync(conf, made, cancellationToken);
        clock.Record("plan");
        var blobs = await LayerTar.HashAsync(layers, session);
        made.Require(blobs[^1].DiffId);
        clock.Record("hash");
        await verified;
        clock.Record("verify");

        var image = ImageOf(options, conf, baseImage, layers, blobs);
        image = image with { Layers = [.. image.Layers.SkipLast(1), image.Layers[^1] with { Owner = made.Owner }] };
        session.Step("Writing the archive");
        await Task.Run(() => StreamedArchive.Write(image, output.Stream, cancellationToken), cancellationToken);
        var file = output.Publish();
        clock.Record("write");
        var below = baseImage?.Layers.Select(layer =>
            new BuiltLayer(layer.DiffId, layer.BlobDigest ?? layer.DiffId, layer.StoredLength, new("the base image's", []))) ?? [];
        return new()
        {
            Reference = ImageReference.Parse(image.RepoTag),
            ImageId = Digest.Of(image.Config.Span),
            Format = ArchiveFormat.DockerTools,
            Output = new ArchiveOutput(options.Destination, ArchiveFormat.DockerTools),
            File = file,
            Layers = [.. below, .. layers.Zip(blobs, (layer, blob) =>
                new BuiltLayer(blob.DiffId, blob.BlobDigest!, blob.StoredLength, layer.Explanation))],
            BaseImage = baseImage?.DisplayName,
            Phases = clock.Phases,
        };
    }

    // Runs while the new layers are hashed.
    private static Task VerifyAsync(Image? image, CancellationToken cancellationToken) => image is null
        ? Task.CompletedTask
        : Task.Run(async () =>
        {
            foreach (var layer in image.Layers) await layer.VerifyAsync(null, cancellationToken);
        }, cancellationToken);

    private static async Task<IReadOnlyList<LayerTar>> LayersAsync(StreamConf conf, MadeLayer made, CancellationToken cancellationToken)
    {
        const string Reason = "store paths by the JSON file";
        var stored = conf.StoreLayers.Select(paths => new StoreLayer(Reason, [.. paths.Select(path => (path, Reason))]));
        var tars = new StoreLayerTars(Above, StoreLayerTar.Options(conf.FileTime, conf.Owner));
        var layers = await Task.Run(() => tars.ReadAsync([.. stored], cancellationToken), cancellationToken);
        return [.. layers, new(made.Tar, [conf.CustomisationLayer], new("the customisation layer", []))];
    }

    private static StreamedImage ImageOf(
        StreamConfOptions options, StreamConf conf, Image? baseImage, IReadOnlyList<LayerTar> layers, IReadOnlyList<Layer> blobs)
    {
        var below = baseImage?.Layers ?? [];
        var container = baseImage is null ? conf.Config : StreamedConfig.OnBase(baseImage.Config.Environment, conf.Config);
        (Digest, IReadOnlyList<string>)[] told =
            [.. below.Select(layer => (layer.DiffId, (IReadOnlyList<string>)[layer.Member])),
                .. layers.Zip(blobs, (layer, blob) => (blob.DiffId, layer.Names))];
        return new()
        {
            RepoTag = options.RepoTag ?? conf.RepoTag,
            Config = StreamedConfig.Of(conf.Architecture, null, conf.Created, container, told),
            Layers = [.. below.Select(layer => new StreamedLayer(layer.Member, layer.StoredContent)), .. blobs.Select(StreamedLayer.Of)],
            FileTime = conf.FileTime,
        };
    }
}
