using System.Collections.Concurrent;
using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>Copies an image, or an index with all its images, from one place to another: what is there already is neither fetched nor sent.</summary>
/// <param name="source">Where from.</param>
/// <param name="destination">Where to.</param>
/// <param name="compression">How layers shall be compressed; null: as they are, but that a registry gets none uncompressed.</param>
/// <param name="scratch">Where layers are compressed anew.</param>
/// <param name="progress">Is told what goes on.</param>
internal sealed class ImageTransfer(
    TransferSource source, TransferDestination destination, CompressionFormat? compression, ScratchDirectory scratch, IProgress<BuildEvent> progress) : IDisposable
{
    // Blobs that are fetched wait for each other in the client; so many more can be unpacked meanwhile.
    private static readonly int Concurrency = RegistryClient.MaximumTransfers + Environment.ProcessorCount;

    private readonly ConcurrentDictionary<Digest, StoredLayer> _recompressed = new();
    private readonly ConcurrentBag<ByteSource> _temporary = [];
    // Descriptors alone: the documents of an index may be many.
    private readonly Dictionary<(Digest, bool AsOci), Descriptor> _copies = [];
    private readonly HashSet<Digest> _images = [];
    private Platform? _platform;
    private bool _wasMixed;
    private int _copied;
    private int _there;
    private long _bytes;

    /// <summary>Copies all, and makes it the image that the destination names.</summary>
    /// <exception cref="InputException">The source is broken, or not what it says.</exception>
    /// <exception cref="MachineException">A place can't be reached, or the disk is full.</exception>
    public async Task<TransferResult> RunAsync(CancellationToken cancellationToken)
    {
        var root = await CopyAsync(source.Root, 1, !destination.TakesDocker, cancellationToken);
        var file = await destination.PublishAsync(root, _platform, cancellationToken);
        if (_wasMixed)
            progress.Report(new Warning($"{source.Name} mixes Docker's and OCI's media types, which clients refuse: the copy does not, and has another digest for it, {root.Digest}."));
        return new(root, _images.Count, file, _copied, _there, _bytes);
    }

    /// <summary>Closes temporary files.</summary>
    public void Dispose()
    {
        foreach (var bytes in _temporary) bytes.Dispose();
    }

    private async Task<ManifestDocument> CopyAsync(ManifestDocument? document, int depth, bool asOci, CancellationToken cancellationToken)
    {
        ManifestDocument copied = document is ImageIndex index
            ? await CopyIndexAsync(index, depth, asOci || index.IsOci, cancellationToken)
            : await CopyImageAsync((ImageManifest?)document, asOci, cancellationToken);
        // The one that names all is put there when it is published.
        if (depth > 1) await destination.PutAsync(copied, cancellationToken);
        return copied;
    }

    private async Task<ImageIndex> CopyIndexAsync(ImageIndex index, int depth, bool asOci, CancellationToken cancellationToken)
    {
        _wasMixed |= index.MixesFamilies;
        var manifests = await CopyEntriesAsync(index, depth, asOci, cancellationToken);
        // One that could not stay Docker's makes OCI's of all, and of the index: their blobs are there by now.
        if (manifests.Exists(entry => entry.IsOci) && !manifests.TrueForAll(entry => entry.IsOci)) manifests = await CopyEntriesAsync(index, depth, asOci: true, cancellationToken);
        return ManifestRewriting.Rewrite(index, manifests, asOci);
    }

    private async Task<List<Descriptor>> CopyEntriesAsync(ImageIndex index, int depth, bool asOci, CancellationToken cancellationToken)
    {
        var manifests = new List<Descriptor>();
        foreach (var entry in index.Manifests)
        {
            // Each document once, however often others name it.
            if (!_copies.TryGetValue((entry.Digest, asOci), out var copied))
            {
                ImageIndex.RequireBounds(depth, _copies.Count, source.Name);
                copied = (await CopyAsync(await source.ReadAsync(entry, cancellationToken), depth + 1, asOci, cancellationToken)).Descriptor;
                _copies[(entry.Digest, asOci)] = copied;
            }

            manifests.Add(copied);
        }

        return manifests;
    }

    private async Task<ImageManifest> CopyImageAsync(ImageManifest? manifest, bool asOci, CancellationToken cancellationToken)
    {
        _wasMixed |= manifest is { MixesFamilies: true };
        var image = await source.ReadImageAsync(manifest, cancellationToken);
        if (manifest is null or { IsImage: true }) _images.Add(manifest?.Digest ?? Digest.Of(image.Config.Span));
        TransferLayer[] distinct = [.. image.Layers.Distinct()];
        var (fetching, sending) = Meters(distinct);
        var stored = new ConcurrentDictionary<TransferLayer, StoredLayer>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(distinct, options, async (layer, token) => stored[layer] = await CopyLayerAsync(layer, fetching, sending, token));
        StoredLayer[] layers = [.. image.Layers.Select(layer => stored[layer])];
        var written = image.Manifest is { } known
            ? ManifestRewriting.Rewrite(known, layers, asOci)
            : ManifestRewriting.Of(image.Config, layers, new(source.Name));
        if (source.Root == manifest && ImageConfig.Parse(image.Config, new(source.Name)) is { Architecture.Length: > 0 } config) _platform = config.Platform;
        if (!await destination.HasAsync(written.Config, cancellationToken))
            await destination.PutAsync(written.Config, new MemoryContent(image.Config), new Unheard(), cancellationToken);
        return written;
    }

    private async Task<StoredLayer> CopyLayerAsync(TransferLayer layer, IProgress<int> fetching, IProgress<int> sending, CancellationToken cancellationToken)
    {
        var wanted = Wanted(layer.Compression);
        var isKept = wanted is null || wanted == layer.Compression;
        var isThere = isKept && layer.Blob is { } blob && await IsThereAsync(blob.Digest, blob.Size, cancellationToken);
        if (isThere && (!destination.IsComplete || layer.IsKnown()))
        {
            fetching.ReportAll(layer.Length);
            sending.ReportAll(layer.Length);
            return new(layer.Blob!.Digest, layer.Blob.Size, layer.Compression ?? CompressionFormat.None);
        }

        var fetched = await layer.FetchAsync(fetching, cancellationToken);
        if (!isKept) return await RecompressAsync(layer, fetched, wanted!.Value, sending, cancellationToken);
        var stored = new StoredLayer(fetched.Digest, fetched.Content.Length, layer.Compression ?? CompressionFormat.None);
        if (isThere || (layer.Blob is null && await IsThereAsync(stored.Digest, stored.Length, cancellationToken))) sending.ReportAll(stored.Length);
        else await PutAsync(stored, fetched.Content, sending, cancellationToken);
        return stored;
    }

    private async Task<StoredLayer> RecompressAsync(
        TransferLayer layer, FetchedLayer fetched, CompressionFormat format, IProgress<int> sending, CancellationToken cancellationToken)
    {
        if (!_recompressed.TryGetValue(fetched.Digest, out var stored))
        {
            // What a media type says was wrong too often.
            var from = Detect(fetched.Content);
            var where = new InputLocation(source.Name, fetched.Digest.ToString());
            (var bytes, stored) = await Task.Run(() => Recompression.Run(fetched.Content, from, format, scratch, where, cancellationToken), cancellationToken);
            _temporary.Add(bytes);
            if (!await IsThereAsync(stored.Digest, stored.Length, cancellationToken))
                await PutAsync(stored, new SourceContent(bytes, 0, bytes.Length), new Unheard(), cancellationToken);
            _recompressed[fetched.Digest] = stored;
        }

        sending.ReportAll(layer.Length);
        return stored;
    }

    private async Task PutAsync(StoredLayer layer, FileContent content, IProgress<int> sending, CancellationToken cancellationToken)
    {
        await destination.PutAsync(Blob(layer.Digest, layer.Length), content, sending, cancellationToken);
        Interlocked.Increment(ref _copied);
        Interlocked.Add(ref _bytes, layer.Length);
    }

    private async Task<bool> IsThereAsync(Digest digest, long length, CancellationToken cancellationToken)
    {
        if (!await destination.HasAsync(Blob(digest, length), cancellationToken)) return false;
        Interlocked.Increment(ref _there);
        return true;
    }

    // What a blob is called matters in documents alone.
    private static Descriptor Blob(Digest digest, long length) => new("application/octet-stream", digest, length);

    private CompressionFormat? Wanted(CompressionFormat? now) => now switch
    {
        null => null,
        _ when compression is { } asked => asked,
        CompressionFormat.None => destination.DefaultCompression,
        CompressionFormat.Gzip or CompressionFormat.Zstd => now,
        // No client would know what to do with it.
        _ => destination.DefaultCompression,
    };

    private static CompressionFormat Detect(FileContent content)
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(CompressionMagic.Length, content.Length)];
        content.Read(0, start);
        return CompressionMagic.Detect(start);
    }

    private (IProgress<int> Fetching, IProgress<int> Sending) Meters(TransferLayer[] layers)
    {
        var total = layers.Sum(layer => layer.Length);
        var count = Counted.Of(layers.Length, "layer");
        return (Meter(source.FetchingText), destination.SendingText is { } text ? Meter(text) : new Unheard());

        StepMeter Meter(string verb)
        {
            progress.Report(new StepStarted($"{verb} {count}"));
            return new($"{verb} {count}", total, progress);
        }
    }

    /// <summary>For what is told already.</summary>
    private sealed class Unheard : IProgress<int>
    {
        public void Report(int value)
        {
        }
    }
}

/// <summary>What was copied.</summary>
/// <param name="Root">The manifest or index as it is at the destination.</param>
/// <param name="Images">How many images it is, or leads to.</param>
/// <param name="File">The archive; null for other destinations.</param>
/// <param name="Copied">Layers that were sent or written.</param>
/// <param name="There">Layers that were there already.</param>
/// <param name="Bytes">Of the layers that were sent or written.</param>
internal sealed record TransferResult(ManifestDocument Root, int Images, TransferredFile? File, int Copied, int There, long Bytes);
