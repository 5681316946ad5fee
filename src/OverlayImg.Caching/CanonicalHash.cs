using System.Buffers.Binary;
using System.Security.Cryptography;
using OverlayImg.FileSystems;

namespace OverlayImg.Caching;

/// <summary>
/// A SHA-256 hash over a list of fields. Each field comes after its length, so different lists never hash the same
/// bytes. A list within the list comes after its count.
/// </summary>
public sealed class CanonicalHash : IDisposable
{
    private const int PieceSize = 64 << 10;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _piece = new byte[PieceSize];
    private int _used;

    /// <summary>Adds a field of bytes.</summary>
    public void Add(ReadOnlySpan<byte> field)
    {
        AddLength(field.Length);
        Append(field);
    }

    /// <summary>Adds a field of text, as UTF-8.</summary>
    public void Add(string text) => Add(ByteString.FromText(text).Span);

    /// <summary>Adds a number.</summary>
    public void Add(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        Add(bytes);
    }

    /// <summary>
    /// Adds a field with the bytes of a file. Holes count as zeros, because they depend on how the host stores the file.
    /// </summary>
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

    /// <summary>Returns the SHA-256 of all fields. May be called once.</summary>
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

    // Most fields have a few bytes, so they are collected in a buffer. Large fields are hashed directly.
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
