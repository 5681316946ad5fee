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
    /// <exception cref="InputException">It is no valid archive.</exception>
    public static string Compute(Stream tar, InputLocation where, CancellationToken cancellationToken)
    {
        var reader = new TarReader(tar, where) { ReportsGlobalHeaders = true };
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var header = new TarSumHeader();
        var sums = new TarSumEntries();
        var buffer = new byte[BufferSize];
        while (reader.Next(cancellationToken) is { } entry)
        {
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
