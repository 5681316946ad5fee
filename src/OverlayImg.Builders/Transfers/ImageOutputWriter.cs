using OverlayImg.Images;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Transfers;

/// <summary>Images on their way to an <see cref="ImageOutput"/>. The session owns the writer.</summary>
internal abstract class ImageOutputWriter
{
    /// <summary>Prepares the place; refuses at once what could not be written at the end.</summary>
    /// <exception cref="InputException">Something else is there, or the directory that it would be in does not exist.</exception>
    /// <exception cref="MachineException">The place can't be written, or the library that compresses is not installed.</exception>
    public static ImageOutputWriter Prepare(ImageOutput output, Session session) => output switch
    {
        ArchiveOutput archive => new Archive(archive, session),
        LayoutOutput layout => new Layout(layout, session),
        RegistryOutput registry => new Registry(registry, session),
        var unknown => throw new ArgumentOutOfRangeException(nameof(output), unknown, null),
    };

    /// <summary>Digest of the manifest of the image that was written, where the place has the image in another form than it was given; else null.</summary>
    public virtual Digest? ManifestDigest => null;

    /// <summary>Writes images in one of the forms that have a manifest.</summary>
    /// <exception cref="InputException">A layer's source changed.</exception>
    public abstract Task WriteAsync(IReadOnlyList<NewImage> images, CancellationToken cancellationToken);

    /// <summary>Has <paramref name="write"/> write the uncompressed tar of an archive in dockerTools' form.</summary>
    public virtual Task WriteDockerToolsAsync(Action<Stream> write, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("Only an archive can have dockerTools' form.");

    /// <summary>Moves it to its place.</summary>
    /// <returns>The place, and its size: of a layout or a registry, that of the blobs of the images.</returns>
    /// <exception cref="MachineException">The place can't be written.</exception>
    public abstract WrittenFile Publish(CancellationToken cancellationToken);

    private static long LengthOf(IReadOnlyList<NewImage> images, IEnumerable<long> manifests)
    {
        var layers = images.SelectMany(image => image.Layers).DistinctBy(layer => layer.Digest);
        return layers.Sum(layer => layer.Content.Length) + images.Sum(image => (long)image.Config.Length) + manifests.Sum();
    }

    private sealed class Archive(ArchiveOutput output, Session session) : ImageOutputWriter
    {
        private readonly TarOutputFile _file = session.Own(TarOutputFile.Prepare(output.Destination));

        public override Task WriteAsync(IReadOnlyList<NewImage> images, CancellationToken cancellationToken) =>
            Task.Run(() => ImageArchive.Write(images, output.Format, _file.Stream, cancellationToken), cancellationToken);

        public override Task WriteDockerToolsAsync(Action<Stream> write, CancellationToken cancellationToken) =>
            Task.Run(() => write(_file.Stream), cancellationToken);

        public override WrittenFile Publish(CancellationToken cancellationToken) => _file.Publish();
    }

    private sealed class Layout(LayoutOutput output, Session session) : ImageOutputWriter
    {
        private readonly LayoutWriter _writer = session.Own(LayoutWriter.Open(output.Directory));
        private long _length;

        public override Task WriteAsync(IReadOnlyList<NewImage> images, CancellationToken cancellationToken) => Task.Run(() =>
        {
            var manifests = _writer.Add(images, cancellationToken);
            _length = LengthOf(images, manifests.Select(manifest => manifest.Size));
        }, cancellationToken);

        public override WrittenFile Publish(CancellationToken cancellationToken)
        {
            _writer.Publish(cancellationToken);
            return new(output.Directory, _length);
        }
    }

    // The manifest comes last, so the image is there whole or not at all.
    private sealed class Registry(RegistryOutput output, Session session) : ImageOutputWriter
    {
        private readonly RegistryDestination _destination = new(output.Image, null, CachedRegistry.Create(output.Access, session), new(session.Cache));
        private ManifestDocument? _root;
        private long _length;

        public override Digest? ManifestDigest => _root?.Digest;

        public override async Task WriteAsync(IReadOnlyList<NewImage> images, CancellationToken cancellationToken)
        {
            if (images is not [var image])
                throw new InputException($"there are {images.Count} images, and this can be the name of one only", new(output.Path)) { Advice = "Write an archive or a layout." };
            var source = new BuiltImageSource(image, output.Path);
            var result = await new ImageTransfer(source, _destination, new(null, null), session with { CancellationToken = cancellationToken }).RunAsync();
            _root = result.Root;
            _length = LengthOf(images, [result.Root.Bytes.Length]);
        }

        public override WrittenFile Publish(CancellationToken cancellationToken) => new(output.Path, _length);
    }
}
