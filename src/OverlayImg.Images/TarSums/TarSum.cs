using System.Security.Cryptography;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images.TarSums;

/// <summary>
/// Docker's checksum of a layer that does not depend on the order and the times of its entries: TarSum version 1 with SHA-256
/// (moby's <c>pkg/tarsum/tarsum_spec.md</c>), as its package computes it today. Stands in the <c>checksum</c> of old image configs.
/// </summary>
public static class TarSum
{
    private const int BufferSize = 256 << 10;

    /// <summary>Reads an uncompressed tar archive up to its end marker.</summary>
    /// <returns><c>tarsum.v1+sha256:</c> and 64 hexadecimal digits.</returns>
    /// <exception cref="InputException">It is no valid archive, or its files add up to more than <see cref="TarWriterOptions.DefaultMaximumSize"/>.</exception>
    public static string Compute(Stream tar, InputLocation where, CancellationToken cancellationToken) =>
        Compute(tar, where, TarWriterOptions.DefaultMaximumSize, cancellationToken);

    /// <summary>As the other one, with a limit of one's own.</summary>
    /// <param name="tar">The archive.</param>
    /// <param name="where">For messages.</param>
    /// <param name="maximumSize">What the files may add up to, in bytes, holes included.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="InputException">It is no valid archive, or its files add up to more.</exception>
    public static string Compute(Stream tar, InputLocation where, long maximumSize, CancellationToken cancellationToken)
    {
        var limit = new TarSizeLimit(maximumSize);
        var reader = new TarReader(tar, where) { ReportsGlobalHeaders = true };
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var header = new TarSumHeader();
        var sums = new TarSumEntries();
        var buffer = new byte[BufferSize];
        while (reader.Next(cancellationToken) is { } entry)
        {
            if (entry.SparseExtents is not null && !limit.TryAdd(entry.Size))
                throw limit.Exceeded(entry.Size, where with { Path = entry.RawName.ToString(), Offset = entry.HeaderOffset });
            hash.AppendData(header.Of(entry));
            while (reader.Read(buffer) is > 0 and var count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer.AsSpan(0, count));
            }

            sums.Add(TarPath.Clean(entry.RawName), hash.GetHashAndReset());
        }

        foreach (var sum in sums.Sorted()) hash.AppendData(System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(sum)));
        return "tarsum.v1+sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
