using System.Buffers.Binary;

namespace OverlayImg.Images.Compression.Gzip;

/// <summary>Packs bits into bytes as deflate does: the first bit is the lowest bit of the first byte (RFC 1951, 3.1.1).</summary>
internal sealed class BitWriter
{
    private byte[] _bytes = new byte[1 << 16];
    private int _length;
    private ulong _bits;
    private int _count;

    /// <summary>The complete bytes written so far.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => (_length, _bits, _count) = (0, 0, 0);

    /// <summary>Makes room for the next <paramref name="bytes"/> bytes; writing more needs another call.</summary>
    public void Reserve(int bytes)
    {
        // Write() always stores eight bytes at once.
        var needed = _length + bytes + 16;
        if (needed > _bytes.Length) Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
    }

    /// <summary>Writes the lowest <paramref name="count"/> bits, lowest first; all others must be 0.</summary>
    /// <param name="bits">The bits.</param>
    /// <param name="count">Number of bits, at most 48.</param>
    public void Write(ulong bits, int count)
    {
        _bits |= bits << _count;
        _count += count;
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_length), _bits);
        var bytes = _count >> 3;
        _length += bytes;
        _bits = bytes == 8 ? 0 : _bits >> (bytes << 3);
        _count &= 7;
    }

    /// <summary>Pads the current byte with zero bits.</summary>
    public void Align()
    {
        if (_count > 0) Write(0, 8 - _count);
    }

    /// <summary>Writes complete bytes; the output must be at a byte boundary, as after <see cref="Align"/>.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }
}
