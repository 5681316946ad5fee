using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Layers;

/// <summary>A layer's uncompressed tar. May be read by several readers at once; trees read from it refer into it until it is disposed of.</summary>
public sealed class LayerContent : IDisposable
{
    private readonly Layer _layer;
    private readonly Digest? _unpackedDigest;

    /// <summary>A layer's tar where it lies in the archive, or, with the digest that it then had, what it unpacked to.</summary>
    internal LayerContent(Layer layer, ByteSource source, long offset, long length, Digest? unpackedDigest)
    {
        (_layer, _unpackedDigest) = (layer, unpackedDigest);
        (Source, Offset, Length) = (source, offset, length);
    }

    /// <summary>The file that the tar lies in.</summary>
    public ByteSource Source { get; }

    /// <summary>Where in <see cref="Source"/> it begins.</summary>
    public long Offset { get; }

    /// <summary>Number of bytes, with whatever follows the tar's end marker: all of it counts for the diff ID.</summary>
    public long Length { get; }

    /// <summary>The layer in overlay form. Reads headers only.</summary>
    /// <exception cref="InputException">The tar is damaged or cut short, or has whiteouts that make no sense.</exception>
    public OverlayLayer ReadTree(CancellationToken cancellationToken) => ReadTree(new(), cancellationToken);

    /// <summary>As the other one, with a budget that all layers of an image share.</summary>
    /// <exception cref="InputException">As the other one; or the layers' trees exceed the budget.</exception>
    public OverlayLayer ReadTree(TreeBudget budget, CancellationToken cancellationToken) =>
        OverlayLayer.Read(Source, Offset, Length, _layer.Where, budget, cancellationToken);

    /// <summary>A stream of the tar.</summary>
    public Stream OpenStream() => new SourceRangeStream(Source, Offset, Length);

    /// <summary>
    /// Hashes the whole of it, unless unpacking has done that, and compares: with the config's diff ID, and with the digest of the blob where the
    /// archive says one.
    /// </summary>
    /// <remarks>Independent of reading the tree: both can run at once. Nothing that was made from the layer may be kept if it fails.</remarks>
    /// <exception cref="InputException">It is not the layer that the config means.</exception>
    public Task VerifyAsync(CancellationToken cancellationToken) => VerifyAsync(null, cancellationToken);

    /// <summary>
    /// As <see cref="VerifyAsync(CancellationToken)"/>, and tells <paramref name="hashed"/> of the tar's bytes, <see cref="Length"/> in all.
    /// </summary>
    /// <exception cref="InputException">It is not the layer that the config means.</exception>
    public Task VerifyAsync(IProgress<int>? hashed, CancellationToken cancellationToken) =>
        // A thread of its own: it takes longer than anything that is done with the layer meanwhile, so it must not wait for that.
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
