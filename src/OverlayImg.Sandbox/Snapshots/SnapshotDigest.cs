using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OverlayImg.Sandbox.Snapshots;

/// <summary>
/// SHA-256 over a snapshot: its state, its memory, and its upper disk if there is one. Of the sparse files, only pieces that are not all zeros are
/// hashed, with their offsets, so the digest does not depend on where the file system has holes.
/// </summary>
internal static class SnapshotDigest
{
    private const int PieceSize = 1 << 18;

    /// <summary>Computes the digest, in lower-case hexadecimal. Reads all files.</summary>
    /// <param name="sparsePaths">Paths of the sparse files.</param>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static string Of(string statePath, IReadOnlyList<string> sparsePaths, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var state = File.ReadAllBytes(statePath);
        Add(hash, state.Length, state);
        foreach (var path in sparsePaths) AddSparse(hash, path, cancellationToken);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AddSparse(IncrementalHash hash, string path, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        var extents = SparseFile.DataExtents(file, length) ?? throw new IOException($"{path} became shorter");
        var buffer = new byte[PieceSize];
        var done = 0L;
        foreach (var extent in extents)
        {
            // Pieces begin at multiples of the piece size, independent of where the extents begin.
            for (var offset = Math.Max(done, extent.Offset - (extent.Offset % PieceSize)); offset < extent.Offset + extent.Length; offset = done)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var piece = buffer.AsSpan(0, (int)Math.Min(PieceSize, length - offset));
                if (RandomAccess.Read(file, piece, offset) < piece.Length) throw new IOException($"{path} became shorter");
                if (piece.ContainsAnyExcept((byte)0)) Add(hash, offset, piece);
                done = offset + PieceSize;
            }
        }

        Add(hash, length, []);
    }

    private static void Add(IncrementalHash hash, long number, ReadOnlySpan<byte> bytes)
    {
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, number);
        hash.AppendData(prefix);
        hash.AppendData(bytes);
    }
}
