using System.Buffers.Binary;
using System.Security.Cryptography;
using OverlayImg.FileSystems;

namespace OverlayImg.Caching;

/// <summary>
/// SHA-256 over a list of fields, each with its length in front: no two lists give the same bytes, whatever is in the fields. Lists in the list begin
/// with their count.
/// </summary>
public sealed class CanonicalHash : IDisposable
{
    private const int PieceSize = 64 << 10;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _piece = new byte[PieceSize];
    private int _used;

    /// <summary>A field of bytes.</summary>
    public void Add(ReadOnlySpan<byte> field)
    {
        AddLength(field.Length);
        Append(field);
    }

    /// <summary>A field of text, as UTF-8.</summary>
    public void Add(string text) => Add(ByteString.FromText(text).Span);

    /// <summary>A number.</summary>
    public void Add(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        Add(bytes);
    }

    /// <summary>A field that holds a file's bytes. Where its holes are does not count: that is how the host happens to store it.</summary>
    public void Add(FileContent content, CancellationToken cancellationToken)
    {
        AddLength(content.Length);
        var buffer = new byte[Math.Min(content.Length, 1 << 20)];
        for (var offset = 0L; offset < content.Length; offset += buffer.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, content.Length - offset));
            content.Read(offset, piece);
            Append(piece);
        }
    }

    /// <summary>The SHA-256 of all fields; to be asked for once.</summary>
    public byte[] Complete()
    {
        Flush();
        return _hash.GetHashAndReset();
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private void AddLength(long length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        Append(bytes);
    }

    // Fields are mostly a few bytes long: they are gathered, and large ones hashed where they are.
    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > PieceSize - _used) Flush();
        if (bytes.Length > PieceSize)
        {
            _hash.AppendData(bytes);
            return;
        }

        bytes.CopyTo(_piece.AsSpan(_used));
        _used += bytes.Length;
    }

    private void Flush()
    {
        _hash.AppendData(_piece, 0, _used);
        _used = 0;
    }
}
