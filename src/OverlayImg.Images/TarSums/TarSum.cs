using System.Security.Cryptography;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images.TarSums;

/// <summary>
/// Docker's checksum of a layer that is independent of the order and the times of its entries: TarSum version 1 with
/// SHA-256 (moby, pkg/tarsum/tarsum_spec.md), as moby's code computes it. Old image configs have it in <c>checksum</c>.
/// </summary>
public static class TarSum
{
    private const int BufferSize = 256 << 10;

    /// <summary>Computes the checksum of an uncompressed tar archive up to its end marker.</summary>
    /// <returns><c>tarsum.v1+sha256:</c> and 64 hexadecimal digits.</returns>
    /// <exception cref="InputException">The archive is invalid, or its files are larger in total than the default limit.</exception>
    public static string Compute(Stream tar, InputLocation where, CancellationToken cancellationToken) =>
        Compute(tar, where, TarWriterOptions.DefaultMaximumSize, cancellationToken);

    /// <summary>Computes the checksum with another limit for the total size of the files.</summary>
    /// <param name="tar">An uncompressed tar archive.</param>
    /// <param name="maximumSize">Largest total size of the files in bytes, including holes.</param>
    /// <exception cref="InputException">The archive is invalid, or its files are larger in total.</exception>
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
