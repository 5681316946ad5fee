using OverlayImg.Images;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Transfers;

/// <summary>Images on their way to an <see cref="ImageOutput"/>. The session owns the writer.</summary>
internal abstract class ImageOutputWriter
{
    /// <summary>What is done while images are written, for a message.</summary>
    public virtual string Step => "Writing the archive";

    /// <summary>Digest of the manifest that a registry has of the image; null for other places.</summary>
    public virtual Digest? ManifestDigest => null;

    /// <summary>Prepares the place; refuses at once what could not be written at the end.</summary>
    /// <exception cref="InputException">Something else is there, or the directory that it would be in does not exist.</exception>
    /// <exception cref="MachineException">The place can't be written or reached, or the library that compresses is not installed.</exception>
    public static async Task<ImageOutputWriter> PrepareAsync(ImageOutput output, Session session)
    {
        switch (output)
        {
            case ArchiveOutput archive:
                return new Archive(archive, session);
            case LayoutOutput layout:
                return new Layout(layout, session);
            case RegistryOutput registry:
                var client = CachedRegistry.Create(registry.Access, session);
                // Whether the registry can be reached, and lets this user in, is found out before the work, not after it.
                await client.Client.DescribeManifestAsync(registry.Image, session.CancellationToken);
                return new Registry(registry, client, session);
            default:
                throw new ArgumentOutOfRangeException(nameof(output), output, null);
        }
    }

    /// <summary>Writes images in one of the forms that have a manifest.</summary>
    /// <exception cref="InputException">A layer's source changed.</exception>
    public abstract Task WriteAsync(IReadOnlyList<Image> images, CancellationToken cancellationToken);

    /// <summary>Has <paramref name="write"/> write the uncompressed tar of an archive in dockerTools' form.</summary>
    public virtual Task WriteDockerToolsAsync(Action<Stream> write, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("Only an archive can have dockerTools' form.");

    /// <summary>Moves it to its place.</summary>
    /// <returns>The place, and its size: of a layout or a registry, that of the blobs of the images.</returns>
    /// <exception cref="MachineException">The place can't be written.</exception>
    public abstract WrittenFile Publish(CancellationToken cancellationToken);

    private sealed class Archive(ArchiveOutput output, Session session) : ImageOutputWriter
    {
        private readonly TarOutputFile _file = session.Own(TarOutputFile.Prepare(output.Destination));

        public override Task WriteAsync(IReadOnlyList<Image> images, CancellationToken cancellationToken) =>
            Task.Run(() => ImageArchive.Write(images, output.RefName, output.Format, _file.Stream, cancellationToken), cancellationToken);

        public override Task WriteDockerToolsAsync(Action<Stream> write, CancellationToken cancellationToken) =>
            Task.Run(() => write(_file.Stream), cancellationToken);

        public override WrittenFile Publish(CancellationToken cancellationToken)
        {
            session.Lifetime.RequireUnchanged();
            return _file.Publish();
        }
    }

    private sealed class Layout(LayoutOutput output, Session session) : ImageOutputWriter
    {
        private readonly LayoutWriter _writer = session.Own(LayoutWriter.Open(output.Directory));
        private long _length;

        public override Task WriteAsync(IReadOnlyList<Image> images, CancellationToken cancellationToken) => Task.Run(() =>
        {
            var manifests = _writer.Add(images, output.RefName, cancellationToken);
            var layers = images.SelectMany(image => image.Layers).DistinctBy(layer => layer.BlobDigest);
            _length = layers.Sum(layer => layer.StoredLength) + images.Sum(image => (long)image.Config.Bytes.Length) + manifests.Sum(manifest => manifest.Size);
        }, cancellationToken);

        public override WrittenFile Publish(CancellationToken cancellationToken)
        {
            session.Lifetime.RequireUnchanged();
            _writer.Publish(cancellationToken);
            return new(output.Directory, _length);
        }
    }

    // The manifest comes last, so the image is there whole or not at all.
    private sealed class Registry(RegistryOutput output, CachedRegistry registry, Session session) : ImageOutputWriter
    {
        private readonly RegistryDestination _destination = new(output.Image, null, registry, new(session.Cache));
        private ImageManifest? _manifest;

        public override string Step => $"Sending the image to {output.Image}";

        public override Digest? ManifestDigest => _manifest?.Digest;

        public override async Task WriteAsync(IReadOnlyList<Image> images, CancellationToken cancellationToken)
        {
            if (images is not [var image])
                throw new InputException($"there are {images.Count} images, and this can be the name of one only", new(output.Path)) { Advice = "Write an archive or a layout." };
            var source = new BuiltImageSource(image, output.Path);
            var result = await new ImageTransfer(source, _destination, new(null, null), session with { CancellationToken = cancellationToken }).RunAsync();
            _manifest = (ImageManifest)result.Root;
        }

        public override WrittenFile Publish(CancellationToken cancellationToken) => new(
            output.Path, _manifest!.Bytes.Length + _manifest.Config.Size + _manifest.Layers.DistinctBy(layer => layer.Digest).Sum(layer => layer.Size));
    }
}
