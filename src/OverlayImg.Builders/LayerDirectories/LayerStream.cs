using OverlayImg.Images.Digests;
using OverlayImg.Images.Streams;
using OverlayImg.Images.TarSums;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>A layer's tar while it is written: in one pass the file, its SHA-256 and, where it is wanted, its TarSum, the two on threads of their own.
/// Runs of zeros become holes of the file.</summary>
internal sealed class LayerStream : WriteOnlyStream
{
    // A tar ends with two blocks of zeros.
    private static readonly byte[] EndMarker = new byte[1024];

    private readonly FileStream _file;
    private readonly string _name;
    private readonly DigestStream _digest = new(CancellationToken.None);
    private readonly TarSumStream? _tarSum;
    private readonly IProgress<int> _written;
    private string? _checksum;
    private long _length;

    /// <summary>Creates the file; <paramref name="written"/> is told of bytes as they are written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The file's name in messages.</param>
    /// <param name="written">Is told of the number of bytes of each write.</param>
    /// <param name="withTarSum">Whether the TarSum is wanted.</param>
    public LayerStream(string path, string name, IProgress<int> written, bool withTarSum = true)
    {
        if (withTarSum) _tarSum = new(default, CancellationToken.None);
        _file = new(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 });
        (_name, _written) = (name, written);
    }

    /// <inheritdoc/>
    public override long Length => _length;

    /// <summary>Takes the TarSum of the entries so far, as if the tar ended here: dockerTools sums a layer before its store paths come.</summary>
    public void EndTarSum()
    {
        _tarSum?.Write(EndMarker);
        _checksum = _tarSum?.Complete();
    }

    /// <summary>Ends the file; gives its diff ID and TarSum, which is empty where none was wanted.</summary>
    /// <exception cref="MachineException">The disk is full, or fails.</exception>
    public (Digest DiffId, string Checksum) Complete()
    {
        try
        {
            // Where the last bytes were zeros, nothing was written for them yet.
            _file.SetLength(_length);
            _file.Flush();
        }
        catch (Exception exception) when (HostTrouble.IsOne(exception))
        {
            throw CantBeWritten(exception);
        }

        return (_digest.Complete(), _checksum ?? _tarSum?.Complete() ?? "");
    }

    /// <inheritdoc/>
    /// <exception cref="MachineException">The disk is full, or fails.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _digest.Write(buffer);
        if (_checksum is null) _tarSum?.Write(buffer);
        try
        {
            if (buffer.IndexOfAnyExcept((byte)0) >= 0) RandomAccess.Write(_file.SafeFileHandle, buffer, _length);
        }
        catch (Exception exception) when (HostTrouble.IsOne(exception))
        {
            throw CantBeWritten(exception);
        }

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
            _tarSum?.Dispose();
        }

        base.Dispose(disposing);
    }

    private MachineException CantBeWritten(Exception exception) =>
        new($"{_name} can't be written: {HostTrouble.Reason(exception)}", exception) { Advice = HostTrouble.Advice(exception) };
}
