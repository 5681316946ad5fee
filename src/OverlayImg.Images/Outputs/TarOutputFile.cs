using System.Security.Cryptography;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Outputs;

/// <summary>
/// The writer of a tar to a <see cref="TarDestination"/>. A file is created atomically. Standard output, a device or a
/// pipe gets the bytes directly, and writing throws <see cref="ClosedPipeException"/> if the reader of a pipe has
/// closed it.
/// </summary>
internal sealed class TarOutputFile : IDisposable
{
    private readonly TarDestination _destination;
    private readonly OutputFile? _file;
    private readonly FileOutputStream _raw;
    private readonly CompressorStream? _compressor;
    private bool _isEnded;

    private TarOutputFile(TarDestination destination)
    {
        _destination = destination;
        _file = destination.IsStream ? null : OutputFile.Prepare(destination.Path);
        _raw = _file?.Open() ?? (destination.IsStandardOutput ? FileOutputStream.StandardOutput() : FileOutputStream.OpenSpecial(destination.Path));
        if (destination.Compression != CompressionFormat.None) _compressor = Compressor.Open(_raw, destination.Compression);
    }

    /// <summary>The stream to write the uncompressed tar to. The stream compresses if the destination asks for it.</summary>
    public Stream Stream => (Stream?)_compressor ?? _raw;

    /// <summary>Prepares the destination. Errors of the path are reported here, before the tar is written.</summary>
    /// <exception cref="InputException">The path is a directory, or its parent directory does not exist.</exception>
    /// <exception cref="MachineException">The compression library is not installed.</exception>
    public static TarOutputFile Prepare(TarDestination destination) => new(destination);

    /// <summary>Completes the tar, and returns the SHA-256 of the file; null if the tar went to a stream.</summary>
    public async Task<Digest?> HashAsync(CancellationToken cancellationToken)
    {
        End();
        if (_file is null) return null;
        await using var written = InputFile.OpenSequential(_file.Staging);
        return Digest.FromHash(await SHA256.HashDataAsync(written, cancellationToken));
    }

    /// <summary>Completes the tar and moves the file to the output path.</summary>
    public WrittenFile Publish()
    {
        End();
        var written = new WrittenFile(_destination.Path, _raw.Length);
        _raw.Dispose();
        _file?.Publish();
        return written;
    }

    private void End()
    {
        if (!_isEnded) _compressor?.Complete();
        _isEnded = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _compressor?.Dispose();
        _raw.Dispose();
        _file?.Dispose();
    }
}
