using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Layers;

/// <summary>Stores a layer's tar with another compression.</summary>
public static class Recompression
{
    private const int BufferSize = 1 << 20;

    /// <summary>Compresses a verified layer again into a temporary file. The decompressed tar is not hashed.</summary>
    /// <param name="stored">The blob of the layer.</param>
    /// <param name="from">Compression of the blob.</param>
    /// <param name="to">New compression: none, gzip or zstd.</param>
    /// <param name="scratch">Directory of the temporary file.</param>
    /// <returns>The new blob, which the caller disposes of, and its description.</returns>
    /// <exception cref="InputException">The compressed data is damaged or a decompression bomb.</exception>
    /// <exception cref="MachineException">The disk is full, or a library is missing.</exception>
    public static (ByteSource Bytes, StoredLayer Layer) Run(
        FileContent stored,
        CompressionFormat from,
        CompressionFormat to,
        ScratchDirectory scratch,
        InputLocation where,
        CancellationToken cancellationToken)
    {
        var path = scratch.NewPath("layer");
        try
        {
            using var output = new HashingOutput(FileOutputStream.Create(path, path));
            using var unpacked = new GuardedStream(
                Decompression.Open(new FileContentStream(stored), from, where), SpoolLimits.Default.For(stored.Length), where);
            using (var compressor = to == CompressionFormat.None ? null : Compressor.Open(output, to))
            {
                Copy(unpacked, (Stream?)compressor ?? output, cancellationToken);
                compressor?.Complete();
            }

            return (ByteSource.Open(path), new(output.Digest(), output.Length, to));
        }
        catch (IOException exception)
        {
            throw new MachineException($"{where} can't be compressed in {scratch.Path}: {exception.Message}", exception)
            {
                Advice = Spool.SpaceAdvice,
            };
        }
        finally
        {
            // The returned source keeps the deleted file open.
            File.Delete(path);
        }
    }

    private static void Copy(Stream input, Stream output, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        while (input.Read(buffer) is > 0 and var count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            output.Write(buffer.AsSpan(0, count));
        }
    }
}
