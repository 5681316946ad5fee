using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Layers;

/// <summary>The same layer, compressed in another way.</summary>
public static class Recompression
{
    private const int BufferSize = 1 << 20;

    /// <summary>Unpacks a layer and compresses it anew, into one temporary file without a name. What it unpacks to is not looked at: it must have been verified.</summary>
    /// <param name="stored">The layer's bytes.</param>
    /// <param name="from">How they are compressed.</param>
    /// <param name="to">None, gzip or zstd.</param>
    /// <param name="scratch">Where the file goes.</param>
    /// <param name="where">For messages.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The new bytes, to be disposed of by the caller, and what is to be said of them.</returns>
    /// <exception cref="InputException">The compressed data is damaged, or a bomb.</exception>
    /// <exception cref="MachineException">The disk is full, or a library is missing.</exception>
    public static (ByteSource Bytes, StoredLayer Layer) Run(
        FileContent stored, CompressionFormat from, CompressionFormat to, ScratchDirectory scratch, InputLocation where, CancellationToken cancellationToken)
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
            // Who has it open goes on.
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
