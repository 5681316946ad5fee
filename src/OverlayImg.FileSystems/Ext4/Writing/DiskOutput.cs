using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// Writes a disk front to back, in large pieces and on a second thread, so that filling one piece overlaps writing the one before. What is
/// skipped, and what is all zeros, stays a hole of the host's file.
/// </summary>
internal sealed class DiskOutput(SafeFileHandle file) : IDisposable
{
    private const int BufferSize = 2 << 20;

    // Shorter zeros are not worth a write call of their own.
    private const int ZeroUnit = 64 << 10;
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[BufferSize];
    private byte[] _other = new byte[BufferSize];
    private Task _writing = Task.CompletedTask;
    private long _start;
    private int _used;

    /// <summary>Whether what is appended is added to the digest.</summary>
    public bool IsDigesting { get; private set; } = true;

    /// <summary>Where the next byte goes.</summary>
    public long Position => _start + _used;

    /// <summary>Room for exactly <paramref name="count"/> bytes (at most 64 KiB), holding zeros. To be filled before the next call.</summary>
    public Span<byte> AppendZeros(int count)
    {
        if (count > BufferSize - _used) Flush();
        var span = _buffer.AsSpan(_used, count);
        span.Clear();
        _used += count;
        return span;
    }

    /// <summary>Room for up to <paramref name="count"/> bytes, at least one block, holding anything. To be filled before the next call.</summary>
    public Span<byte> AppendSome(long count)
    {
        if (BufferSize - _used < DiskFormat.BlockSize) Flush();
        var span = _buffer.AsSpan(_used, (int)Math.Min(count, BufferSize - _used));
        _used += span.Length;
        return span;
    }

    /// <summary>Goes on at <paramref name="position"/>; what lies between reads as zeros.</summary>
    public void SkipTo(long position)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(position, Position);
        if (position == Position) return;
        Flush();
        _start = position;
    }

    /// <summary>The SHA-256 of all that was appended, and of <paramref name="more"/>. What comes later is not digested.</summary>
    public byte[] FinishDigest(ReadOnlySpan<byte> more)
    {
        Flush();
        IsDigesting = false;
        _digest.AppendData(more);
        return _digest.GetHashAndReset();
    }

    /// <summary>Waits until everything is written.</summary>
    public void Finish()
    {
        Flush();
        _writing.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The file must not be closed under a write. WaitAny throws nothing: whoever gives up has his error already.
        Task.WaitAny(_writing);
        _digest.Dispose();
    }

    private void Flush()
    {
        if (_used == 0) return;
        if (IsDigesting) _digest.AppendData(_buffer, 0, _used);
        _writing.GetAwaiter().GetResult();
        var (bytes, start) = (_buffer.AsMemory(0, _used), _start);
        _writing = Task.Run(() => WriteData(bytes.Span, start));
        (_buffer, _other) = (_other, _buffer);
        _start += _used;
        _used = 0;
    }

    private void WriteData(ReadOnlySpan<byte> bytes, long position)
    {
        for (var start = 0; start < bytes.Length;)
        {
            var end = start;
            while (end < bytes.Length && !IsZero(bytes, end)) end += ZeroUnit;
            end = Math.Min(end, bytes.Length);
            if (end > start) RandomAccess.Write(file, bytes[start..end], position + start);
            start = end;
            while (start < bytes.Length && IsZero(bytes, start)) start += ZeroUnit;
        }
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes, int start) =>
        !bytes[start..Math.Min(start + ZeroUnit, bytes.Length)].ContainsAnyExcept((byte)0);
}
