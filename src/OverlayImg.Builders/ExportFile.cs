using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders;

/// <summary>The output file of an export. It is complete when it appears under its name.</summary>
internal abstract class ExportFile : IDisposable
{
    /// <summary>Opens a temporary file for the output, so that a path that can't be written fails before any work.</summary>
    /// <exception cref="InputException">The path names a directory, or its parent directory does not exist.</exception>
    /// <param name="options">The export.</param>
    /// <param name="scratch">Holds a disk that is to be compressed or streamed.</param>
    public static ExportFile Prepare(ExportOptions options, ScratchDirectory scratch) => options.Format switch
    {
        ExportFormat.Tar => new Tar(options.Destination, new() { HardLinks = TarHardLinks.Preserve, MaximumSize = options.MaximumSize }),
        ExportFormat.GnuHardDereference =>
            new Tar(options.Destination, new()
            {
                HardLinks = TarHardLinks.Dereference,
                MTime = options.FileTime,
                Xattrs = false,
                MaximumSize = options.MaximumSize,
            }),
        ExportFormat.Ext4 when options.Destination is { IsStream: false, Compression: CompressionFormat.None } =>
            new Disk(options.Destination.Path, options.DiskSize),
        ExportFormat.Ext4 => new StreamedDisk(options.Destination, scratch.NewPath("disk.ext4"), options.DiskSize),
        var unknown => throw new ArgumentOutOfRangeException(nameof(options), unknown, null),
    };

    /// <summary>Writes the whole tree to the temporary file.</summary>
    public abstract void Write(FileTree tree, CancellationToken cancellationToken);

    /// <summary>Moves the temporary file to the path of the output.</summary>
    public abstract WrittenFile Publish();

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class Tar(TarDestination destination, TarWriterOptions options) : ExportFile
    {
        private readonly TarOutputFile _file = TarOutputFile.Prepare(destination);

        public override void Write(FileTree tree, CancellationToken cancellationToken) =>
            TarTreeWriter.Write(tree, _file.Stream, options, cancellationToken);

        public override WrittenFile Publish() => _file.Publish();

        public override void Dispose() => _file.Dispose();
    }

    // A disk is not written sequentially, so it is made in a temporary file and then copied to the stream.
    private sealed class StreamedDisk(TarDestination destination, string scratchPath, long? size) : ExportFile
    {
        private readonly TarOutputFile _file = TarOutputFile.Prepare(destination);

        public override void Write(FileTree tree, CancellationToken cancellationToken)
        {
            Ext4Writer.Write(tree, scratchPath, new() { Size = size }, cancellationToken);
            using var disk = ByteSource.Open(scratchPath);
            using var stream = new SourceRangeStream(disk, 0, disk.Length);
            stream.CopyTo(_file.Stream, 1 << 20);
        }

        public override WrittenFile Publish() => _file.Publish();

        public override void Dispose() => _file.Dispose();
    }

    private sealed class Disk(string path, long? size) : ExportFile
    {
        private readonly OutputFile _file = OutputFile.Prepare(path);
        private long _length;

        public override void Write(FileTree tree, CancellationToken cancellationToken)
        {
            Ext4Writer.Write(tree, _file.Staging, new() { Size = size }, cancellationToken);
            _length = new FileInfo(_file.Staging).Length;
        }

        public override WrittenFile Publish()
        {
            _file.Publish();
            return new(path, _length);
        }

        public override void Dispose() => _file.Dispose();
    }
}
