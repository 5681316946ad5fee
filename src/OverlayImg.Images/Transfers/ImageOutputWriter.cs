using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Images.Transfers;

/// <summary>Writes a verb's images to its output, which is prepared before the work so that its errors are reported early.</summary>
internal sealed class ImageOutputWriter
{
    private readonly ImageOutput _output;
    private readonly Session _session;
    private readonly TransferDestination? _destination;
    private readonly TarOutputFile? _dockerTools;

    private ImageOutputWriter(ImageOutput output, Session session, TransferDestination? destination, TarOutputFile? dockerTools = null) =>
        (_output, _session, _destination, _dockerTools) = (output, session, destination, dockerTools);

    /// <summary>Prepares an output. The session owns the output.</summary>
    /// <exception cref="InputException">The path is occupied, or its parent directory does not exist.</exception>
    /// <exception cref="MachineException">The output can't be written or reached, or the compression library is not
    /// installed.</exception>
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
                // This request finds out before the work whether the registry can be reached and accepts the user's credentials.
                await client.Client.DescribeManifestAsync(registry.Image, session.CancellationToken);
                return new(output, session, new RegistryDestination(registry.Image, null, client, new(session.Cache)));
            default:
                throw new ArgumentOutOfRangeException(nameof(output), output, null);
        }
    }

    private TransferDestination Destination =>
        _destination ?? throw new InvalidOperationException("An archive in the dockerTools format is written as a whole.");

    /// <summary>Writes images in one of the formats that have a manifest.</summary>
    /// <param name="images">The images, with verified layers. A registry takes only one.</param>
    /// <param name="compression">The compression of the layers; null to keep each layer's, except that a registry gets no
    /// uncompressed layers.</param>
    /// <exception cref="InputException">A layer's source changed.</exception>
    /// <exception cref="MachineException">The output can't be written or reached.</exception>
    public async Task<WrittenImages> WriteAsync(IReadOnlyList<Image> images, CompressionFormat? compression = null)
    {
        var (manifests, file) = images is [var image] ? await WriteOneAsync(image, compression) : await WriteAllAsync(images);
        var zstd = DistinctLayers(manifests).Count(layer => layer.LayerCompression == CompressionFormat.Zstd);
        if (zstd > 0)
            _session.Warn($"{Counted.Of(zstd, "layer is", "layers are")} compressed with zstd, which Docker before version 23 can't load.");
        return new(file?.File ?? new(_output.Path, LengthOf(manifests)), manifests);
    }

    /// <summary>Writes an archive in the dockerTools format. <paramref name="write"/> writes the uncompressed tar.</summary>
    /// <exception cref="InputException">A layer's source changed.</exception>
    /// <exception cref="MachineException">The archive can't be written.</exception>
    public async Task<WrittenImages> WriteDockerToolsAsync(Action<Stream, CancellationToken> write)
    {
        var file = _dockerTools ?? throw new InvalidOperationException("Only an archive can have the dockerTools format.");
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

    private ImageTransfer TransferOf(Image image, CompressionFormat? compression)
    {
        var form = new TransferForm(compression, null) { References = image.References, RefName = _output.RefName };
        return new(new BuiltImageSource(WithFittingManifest(image), _output.Path), Destination, form, _session);
    }

    // A new manifest replaces a Docker manifest, and a manifest with the URLs of a foreign layer, because the output is
    // OCI and has all layers.
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

/// <summary>The result of writing images.</summary>
/// <param name="File">The output and its size. For a layout or a registry, the size is that of the images' blobs.</param>
/// <param name="Manifests">The manifest of each image in the output; empty for the dockerTools format.</param>
internal sealed record WrittenImages(WrittenFile File, IReadOnlyList<ImageManifest> Manifests);
