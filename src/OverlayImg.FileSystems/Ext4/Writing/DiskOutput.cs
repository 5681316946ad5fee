using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// Writes a disk sequentially in large pieces. A second thread writes a piece while the next one is filled. Skipped ranges and zeros become
/// holes in the host's file.
/// </summary>
internal sealed class DiskOutput(SafeFileHandle file) : IDisposable
{
    private const int BufferSize = 2 << 20;

    // A hole needs another call of write, which is not worth it for shorter runs of zeros.
    private const int ZeroUnit = 64 << 10;
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _buffer = new byte[BufferSize];
    private byte[] _other = new byte[BufferSize];
    private Task _writing = Task.CompletedTask;
    private long _start;
    private int _used;

    public bool IsDigesting { get; private set; } = true;

    /// <summary>Byte offset on the disk of the next appended byte.</summary>
    public long Position => _start + _used;

    /// <summary>Appends <paramref name="count"/> zeros (at most 64 KiB). The caller may fill the span until the next call.</summary>
    public Span<byte> AppendZeros(int count)
    {
        if (count > BufferSize - _used) Flush();
        var span = _buffer.AsSpan(_used, count);
        span.Clear();
        _used += count;
        return span;
    }

    /// <summary>Appends up to <paramref name="count"/> bytes, at least a block. The caller must fill the span before the next call.</summary>
    public Span<byte> AppendSome(long count)
    {
        if (BufferSize - _used < DiskFormat.BlockSize) Flush();
        var span = _buffer.AsSpan(_used, (int)Math.Min(count, BufferSize - _used));
        _used += span.Length;
        return span;
    }

    /// <summary>Continues at <paramref name="position"/>. The skipped range reads as zeros.</summary>
    public void SkipTo(long position)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(position, Position);
        if (position == Position) return;
        Flush();
        _start = position;
    }

    /// <summary>Returns the SHA-256 of all appended bytes and of <paramref name="more"/>. Bytes that are appended later have no digest.</summary>
    public byte[] FinishDigest(ReadOnlySpan<byte> more)
    {
        Flush();
        IsDigesting = false;
        _digest.AppendData(more);
        return _digest.GetHashAndReset();
    }

    /// <summary>Waits until all bytes are written.</summary>
    public void Finish()
    {
        Flush();
        _writing.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The file must not be closed during a write. WaitAny does not throw the write's error, which would hide the error that the caller handles.
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
