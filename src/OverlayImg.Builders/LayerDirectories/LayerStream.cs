using System.Security.Cryptography;
using OverlayImg.FileSystems;
using OverlayImg.Images.TarSums;

namespace OverlayImg.Builders;

/// <summary>A <c>layer.tar</c> while it is written: in one pass the file, its SHA-256 and its TarSum.
/// Runs of zeros become holes of the file.</summary>
internal sealed class LayerStream : WriteOnlyStream
{
    private readonly FileStream _file;
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly TarSumStream _tarSum = new(default, CancellationToken.None);
    private readonly IProgress<int> _written;
    private long _length;

    /// <summary>Creates the file; <paramref name="written"/> is told of bytes as they are written.</summary>
    public LayerStream(string path, IProgress<int> written)
    {
        _file = new(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 });
        _written = written;
    }

    /// <inheritdoc/>
    public override long Length => _length;

    /// <summary>Ends the file; gives its diff ID and TarSum.</summary>
    public (string DiffId, string Checksum) Complete()
    {
        // Where the last bytes were zeros, nothing was written for them yet.
        _file.SetLength(_length);
        _file.Flush();
        return ($"sha256:{Convert.ToHexStringLower(_digest.GetHashAndReset())}", _tarSum.Complete());
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _digest.AppendData(buffer);
        _tarSum.Write(buffer);
        if (buffer.IndexOfAnyExcept((byte)0) >= 0) RandomAccess.Write(_file.SafeFileHandle, buffer, _length);
        _length += buffer.Length;
        _written.Report(buffer.Length);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
            _digest.Dispose();
            _tarSum.Dispose();
        }

        base.Dispose(disposing);
    }
}
