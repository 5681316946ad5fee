using OverlayImg.Images.Digests;
using OverlayImg.Images.Streams;
using OverlayImg.Images.TarSums;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>
/// A stream that writes a layer's tar to a file, and computes the SHA-256 and optionally the TarSum in the same pass, each on its own thread.
/// Writes of only zeros become holes of the file.
/// </summary>
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

    /// <summary>Creates the file.</summary>
    /// <param name="path">Path of the file, which must not exist.</param>
    /// <param name="name">Name of the file in messages.</param>
    /// <param name="written">Gets the number of bytes of each write.</param>
    /// <param name="withTarSum">Whether the TarSum is computed.</param>
    public LayerStream(string path, string name, IProgress<int> written, bool withTarSum = true)
    {
        if (withTarSum) _tarSum = new(default, CancellationToken.None);
        _file = new(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 });
        (_name, _written) = (name, written);
    }

    /// <inheritdoc/>
    public override long Length => _length;

    /// <summary>Ends the TarSum as if the tar ended here. dockerTools computes the TarSum of a layer before it appends store paths.</summary>
    public void EndTarSum()
    {
        _tarSum?.Write(EndMarker);
        _checksum = _tarSum?.Complete();
    }

    /// <summary>Completes the file, and returns its diff ID and its TarSum. The TarSum is empty if it was not computed.</summary>
    /// <exception cref="MachineException">The disk is full, or reports an error.</exception>
    public (Digest DiffId, string Checksum) Complete()
    {
        try
        {
            // Zeros at the end are not written, so the length is set here.
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
    /// <exception cref="MachineException">The disk is full, or reports an error.</exception>
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
