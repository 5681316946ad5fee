using System.Buffers.Binary;

namespace OverlayImg.Images.Compression.Gzip;

/// <summary>Bits into bytes, as deflate packs them: the first bit is the lowest of the first byte (RFC 1951, 3.1.1).</summary>
internal sealed class BitWriter
{
    private byte[] _bytes = new byte[1 << 16];
    private int _length;
    private ulong _bits;
    private int _count;

    /// <summary>The whole bytes so far.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Begins anew.</summary>
    public void Clear() => (_length, _bits, _count) = (0, 0, 0);

    /// <summary>Makes room for so many bytes, beyond which <see cref="Write(ulong, int)"/> must not go before the next call.</summary>
    public void Reserve(int bytes)
    {
        // Write() stores eight bytes at once, wherever it is.
        var needed = _length + bytes + 16;
        if (needed > _bytes.Length) Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
    }

    /// <summary>Writes the lowest <paramref name="count"/> bits of <paramref name="bits"/>, the lowest first; the others must be 0.</summary>
    /// <param name="bits">The bits.</param>
    /// <param name="count">At most 48.</param>
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

    /// <summary>Fills the current byte with zeros.</summary>
    public void Align()
    {
        if (_count > 0) Write(0, 8 - _count);
    }

    /// <summary>Writes whole bytes; only after <see cref="Align"/>.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }
}
