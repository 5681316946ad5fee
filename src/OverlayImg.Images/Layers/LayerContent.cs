using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Layers;

/// <summary>The uncompressed tar of a layer. Several readers may use it at once. Trees that are read from it need it open.</summary>
public sealed class LayerContent : IDisposable
{
    private readonly Layer _layer;
    private readonly Digest? _unpackedDigest;

    /// <summary>Makes the content from a range of the archive, or from a decompressed file whose digest is known.</summary>
    internal LayerContent(Layer layer, ByteSource source, long offset, long length, Digest? unpackedDigest)
    {
        (_layer, _unpackedDigest) = (layer, unpackedDigest);
        (Source, Offset, Length) = (source, offset, length);
    }

    /// <summary>The file that holds the tar.</summary>
    public ByteSource Source { get; }

    /// <summary>The byte offset of the tar in <see cref="Source"/>.</summary>
    public long Offset { get; }

    /// <summary>The size in bytes, including data after the end marker, which counts for the diff ID.</summary>
    public long Length { get; }

    /// <summary>Reads the layer in overlay form; reads headers only.</summary>
    /// <exception cref="InputException">The tar is damaged or truncated, or has invalid whiteouts.</exception>
    public OverlayLayer ReadTree(CancellationToken cancellationToken) => ReadTree(new(), cancellationToken);

    /// <summary>Reads the layer in overlay form with a budget that the layers of an image share.</summary>
    /// <exception cref="InputException">The tar is damaged, has invalid whiteouts, or exceeds the budget.</exception>
    public OverlayLayer ReadTree(TreeBudget budget, CancellationToken cancellationToken) =>
        OverlayLayer.Read(Source, Offset, Length, _layer.Where, budget, cancellationToken);

    /// <summary>Opens a stream over the tar.</summary>
    public Stream OpenStream() => new SourceRangeStream(Source, Offset, Length);

    /// <summary>
    /// Hashes the tar, unless decompression already did, and compares the digests with the config's diff ID and with
    /// the blob's digest, if a manifest has one.
    /// </summary>
    /// <remarks>The tree can be read at the same time. Discard everything made from the layer if verification fails.</remarks>
    /// <exception cref="InputException">A digest differs.</exception>
    public Task VerifyAsync(CancellationToken cancellationToken) => VerifyAsync(null, cancellationToken);

    /// <summary>Verifies the layer, and reports the numbers of hashed bytes, <see cref="Length"/> in total.</summary>
    /// <exception cref="InputException">A digest differs.</exception>
    public Task VerifyAsync(IProgress<int>? hashed, CancellationToken cancellationToken) =>
        // Verification takes longer than any other work on the layer, so that it must not wait for a pool thread behind
        // that work.
        Task.Factory.StartNew(() => Verify(hashed, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_unpackedDigest is not null) Source.Dispose();
    }

    private void Verify(IProgress<int>? hashed, CancellationToken cancellationToken)
    {
        if (_unpackedDigest is { } unpacked)
        {
            hashed?.ReportAll(Length);
            _layer.RequireDigests(unpacked, _layer.BlobDigest is null ? null : Hash(_layer.OpenStored(), null, cancellationToken));
        }
        else
        {
            var digest = Hash(OpenStream(), hashed, cancellationToken);
            _layer.RequireDigests(digest, digest);
        }
    }

    private static Digest Hash(Stream stream, IProgress<int>? hashed, CancellationToken cancellationToken)
    {
        using var hashing = new HashingStream(stream, hashed);
        hashing.Drain(cancellationToken);
        return hashing.Digest();
    }
}
