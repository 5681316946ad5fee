

namespace OverlayImg.Images.Outputs;

/// <summary>Images on their way to an <see cref="ImageOutput"/>.</summary>
internal abstract class ImageOutputWriter : IDisposable
{
    /// <summary>Prepares the place; refuses at once what could not be written at the end.</summary>
    /// <exception cref="InputException">Something else is there, or the directory that it would be in does not exist.</exception>
    /// <exception cref="MachineException">The place can't be written, or the library that compresses is not installed.</exception>
    public static ImageOutputWriter Prepare(ImageOutput output) => output switch
    {
        ArchiveOutput archive => new Archive(archive),
        LayoutOutput layout => new Layout(layout),
        var unknown => throw new ArgumentOutOfRangeException(nameof(output), unknown, null),
    };

    /// <summary>Writes images in one of the forms that have a manifest.</summary>
    /// <exception cref="InputException">A layer's source changed.</exception>
    public abstract void Write(IReadOnlyList<NewImage> images, CancellationToken cancellationToken);

    /// <summary>Has <paramref name="write"/> write the uncompressed tar of an archive in dockerTools' form.</summary>
    public virtual void WriteDockerTools(Action<Stream> write) => throw new InvalidOperationException("A layout has a form of its own.");

    /// <summary>Moves it to its place.</summary>
    /// <returns>The place, and its size: of a layout, that of the blobs of the images.</returns>
    /// <exception cref="MachineException">The place can't be written.</exception>
    public abstract WrittenFile Publish(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class Archive(ArchiveOutput output) : ImageOutputWriter
    {
        private readonly TarOutputFile _file = TarOutputFile.Prepare(output.Destination);

        public override void Write(IReadOnlyList<NewImage> images, CancellationToken cancellationToken) =>
            ImageArchive.Write(images, output.Format, _file.Stream, cancellationToken);

        public override void WriteDockerTools(Action<Stream> write) => write(_file.Stream);

        public override WrittenFile Publish(CancellationToken cancellationToken) => _file.Publish();

        public override void Dispose() => _file.Dispose();
    }

    private sealed class Layout(LayoutOutput output) : ImageOutputWriter
    {
        private readonly LayoutWriter _writer = LayoutWriter.Open(output.Directory);
        private long _length;

        public override void Write(IReadOnlyList<NewImage> images, CancellationToken cancellationToken)
        {
            var manifests = _writer.Add(images, cancellationToken);
            var layers = images.SelectMany(image => image.Layers).DistinctBy(layer => layer.Digest);
            _length = layers.Sum(layer => layer.Content.Length) + images.Sum(image => (long)image.Config.Length) + manifests.Sum(manifest => manifest.Size);
        }

        public override WrittenFile Publish(CancellationToken cancellationToken)
        {
            _writer.Publish(cancellationToken);
            return new(output.Directory, _length);
        }

        public override void Dispose() => _writer.Dispose();
    }
}
