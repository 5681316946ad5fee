using System.Security.Cryptography;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Outputs;

/// <summary>
/// A tar on its way to a <see cref="TarDestination"/>. A file appears whole or not at all; standard output, a device or a pipe gets the bytes as they come, and where
/// its reader goes away, writing throws <see cref="ClosedPipeException"/>.
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

    /// <summary>What the uncompressed tar is written to: the file itself where nothing compresses it.</summary>
    public Stream Stream => (Stream?)_compressor ?? _raw;

    /// <summary>Prepares the destination; refuses at once what could not be written at the end.</summary>
    /// <exception cref="InputException">A directory is there, or the one that it would be in does not exist.</exception>
    /// <exception cref="MachineException">The library that compresses is not installed.</exception>
    public static TarOutputFile Prepare(TarDestination destination) => new(destination);

    /// <summary>Ends the tar, and hashes the file that it is in; null where it went to a stream.</summary>
    public async Task<Digest?> HashAsync(CancellationToken cancellationToken)
    {
        End();
        if (_file is null) return null;
        await using var written = InputFile.OpenSequential(_file.Staging);
        return Digest.FromHash(await SHA256.HashDataAsync(written, cancellationToken));
    }

    /// <summary>Ends the tar and moves it to its place.</summary>
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
