using System.Buffers;
using System.Security.Cryptography;

namespace OverlayImg.FileSystems.Comparison;

/// <summary>Compares the contents of two regular files byte by byte.</summary>
internal static class ContentComparison
{
    private const int PieceSize = 256 << 10;

    /// <summary>Whether both contents refer to the same byte range of the same source, so that reading them is unnecessary.</summary>
    public static bool IsSameRun(FileContent first, FileContent second) =>
        ReferenceEquals(first, second)
        || (first is SourceContent one && second is SourceContent other && ReferenceEquals(one.Source, other.Source)
            && (one.SourceOffset, one.Length) == (other.SourceOffset, other.Length));

    /// <summary>Reads both contents and returns their SHA-256 digests where they differ, or null where they are equal.</summary>
    public static AspectDifference? Compare(FileContent first, FileContent second, CancellationToken cancellationToken)
    {
        var (one, other) = (ArrayPool<byte>.Shared.Rent(PieceSize), ArrayPool<byte>.Shared.Rent(PieceSize));
        try
        {
            if (AreEqual(first, second, one, other, cancellationToken)) return null;
            return new("content", DigestOf(first, one, cancellationToken), DigestOf(second, other, cancellationToken));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(one);
            ArrayPool<byte>.Shared.Return(other);
        }
    }

    private static bool AreEqual(FileContent first, FileContent second, byte[] one, byte[] other, CancellationToken cancellationToken)
    {
        if (first.Length != second.Length) return false;
        for (var offset = 0L; offset < first.Length; offset += PieceSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min(PieceSize, first.Length - offset);
            first.Read(offset, one.AsSpan(0, count));
            second.Read(offset, other.AsSpan(0, count));
            if (!one.AsSpan(0, count).SequenceEqual(other.AsSpan(0, count))) return false;
        }

        return true;
    }

    private static string DigestOf(FileContent content, byte[] buffer, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var offset = 0L; offset < content.Length; offset += PieceSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = buffer.AsSpan(0, (int)Math.Min(PieceSize, content.Length - offset));
            content.Read(offset, piece);
            hash.AppendData(piece);
        }

        return $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}
