using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Images.Transfers;

/// <summary>The output of a verb that makes images. It is prepared before the work, so that what could not be written at the end is refused at once.</summary>
internal sealed class ImageOutputWriter
{
    private readonly ImageOutput _output;
    private readonly Session _session;
    private readonly TransferDestination? _destination;
    private readonly TarOutputFile? _dockerTools;

    private ImageOutputWriter(ImageOutput output, Session session, TransferDestination? destination, TarOutputFile? dockerTools = null) =>
        (_output, _session, _destination, _dockerTools) = (output, session, destination, dockerTools);

    /// <summary>Prepares an output. The session owns the output.</summary>
    /// <exception cref="InputException">Something else is there, or the directory that it would be in does not exist.</exception>
    /// <exception cref="MachineException">The place can't be written or reached, or the library that compresses is not installed.</exception>
    public static async Task<ImageOutputWriter> PrepareAsync(ImageOutput output, Session session)
    {
        switch (output)
        {
            case ArchiveOutput { Format: ArchiveFormat.DockerTools } archive:
                return new(output, session, null, session.Own(TarOutputFile.Prepare(archive.Destination)));
            case ArchiveOutput archive:
                return new(output, session, new ArchiveDestination(archive, expected: null, session));
            case LayoutOutput layout:
                return new(output, session, new LayoutDestination(layout, session));
            case RegistryOutput registry:
                var client = CachedRegistry.Create(registry.Access, session);
                // Whether the registry can be reached, and lets this user in, is found out before the work, not after it.
                await client.Client.DescribeManifestAsync(registry.Image, session.CancellationToken);
                return new(output, session, new RegistryDestination(registry.Image, null, client, new(session.Cache)));
            default:
                throw new ArgumentOutOfRangeException(nameof(output), output, null);
        }
    }

    private TransferDestination Destination => _destination ?? throw new InvalidOperationException("An archive in dockerTools' form is written as a whole.");

    /// <summary>Writes images, whose layers are verified, in one of the forms that have a manifest.</summary>
    /// <param name="images">The images; a registry takes one.</param>
    /// <param name="compression">The compression that was asked for; null for the layers as they are, but that a registry gets none uncompressed.</param>
    /// <exception cref="InputException">A layer's source changed.</exception>
    /// <exception cref="MachineException">The place can't be written or reached.</exception>
    public async Task<WrittenImages> WriteAsync(IReadOnlyList<Image> images, CompressionFormat? compression = null)
    {
        var (manifests, file) = images is [var image] ? await WriteOneAsync(image, compression) : await WriteAllAsync(images);
        var zstd = DistinctLayers(manifests).Count(layer => layer.LayerCompression == CompressionFormat.Zstd);
        if (zstd > 0)
            _session.Warn($"{Counted.Of(zstd, "layer is", "layers are")} compressed by zstd, which Docker before version 23 can't load.");
        return new(file?.File ?? new(_output.Path, LengthOf(manifests)), manifests);
    }

    /// <summary>Writes an archive in dockerTools' form, which has no manifest.</summary>
    /// <param name="write">Writes the uncompressed tar.</param>
    /// <exception cref="InputException">A layer's source changed.</exception>
    /// <exception cref="MachineException">The place can't be written.</exception>
    public async Task<WrittenImages> WriteDockerToolsAsync(Action<Stream, CancellationToken> write)
    {
        var file = _dockerTools ?? throw new InvalidOperationException("Only an archive can have dockerTools' form.");
        _session.Step($"Writing {_output.Path}");
        await Task.Run(() => write(file.Stream, _session.CancellationToken), _session.CancellationToken);
        _session.Lifetime.RequireUnchanged();
        return new(file.Publish(), []);
    }

    private async Task<(IReadOnlyList<ImageManifest> Manifests, TransferredFile? File)> WriteOneAsync(Image image, CompressionFormat? compression)
    {
        var result = await TransferOf(image, compression).RunAsync();
        return ([(ImageManifest)result.Root], result.File);
    }

    private async Task<(IReadOnlyList<ImageManifest> Manifests, TransferredFile? File)> WriteAllAsync(IReadOnlyList<Image> images)
    {
        var published = new List<PublishedImage>();
        foreach (var image in images) published.Add(await TransferOf(image, null).PutAsync());
        _session.Lifetime.RequireUnchanged();
        var file = await Destination.PublishAsync(published, _session.CancellationToken);
        return ([.. published.Select(image => (ImageManifest)image.Root)], file);
    }

    private ImageTransfer TransferOf(Image image, CompressionFormat? compression) => new(
        new BuiltImageSource(WithFittingManifest(image), _output.Path), Destination, new(compression, null) { References = image.References, RefName = _output.RefName }, _session);

    // The output has all layers. An image whose manifest is of Docker's family, or sends clients to other places for a layer, therefore gets a new manifest.
    private static Image WithFittingManifest(Image image) => image.Manifest is null || Fits(image.Manifest, image.Layers)
        ? image : image with { Manifest = null, Annotations = image.Manifest.Annotations };

    private static bool Fits(ImageManifest manifest, IReadOnlyList<Layer> layers) =>
        manifest is { MediaType: MediaTypes.OciManifest, Config.MediaType: MediaTypes.OciConfig } && manifest.Layers.Zip(layers).All(pair =>
            pair.Second.Compression is CompressionFormat.None or CompressionFormat.Gzip or CompressionFormat.Zstd
            && pair.First.Digest == pair.Second.BlobDigest && pair.First.MediaType == MediaTypes.OciLayerOf(pair.Second.Compression));

    private static IEnumerable<Descriptor> DistinctLayers(IReadOnlyList<ImageManifest> manifests) =>
        manifests.SelectMany(manifest => manifest.Layers).DistinctBy(layer => layer.Digest);

    private static long LengthOf(IReadOnlyList<ImageManifest> manifests) =>
        DistinctLayers(manifests).Sum(layer => layer.Size) + manifests.Sum(manifest => manifest.Config.Size + manifest.Bytes.Length);
}

/// <summary>Images that were written.</summary>
/// <param name="File">The place, and its size: of a layout or a registry, that of the blobs of the images.</param>
/// <param name="Manifests">The manifest that each image has there; none in dockerTools' form.</param>
internal sealed record WrittenImages(WrittenFile File, IReadOnlyList<ImageManifest> Manifests);
