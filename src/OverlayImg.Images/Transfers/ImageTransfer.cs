using System.Collections.Concurrent;
using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Transfers;

/// <summary>
/// Copies an image, or an index with all its images, to a destination. Blobs that the destination has are neither
/// fetched nor sent. The session owns the scratch files of recompressed layers.
/// </summary>
internal sealed class ImageTransfer(TransferSource source, TransferDestination destination, TransferForm form, Session session)
{
    // The client limits the concurrent downloads. One more layer for each processor can be unpacked meanwhile.
    private static readonly int Concurrency = RegistryLimits.MaximumTransfers + Environment.ProcessorCount;

    private readonly UnpackedBlobs _unpacked = new(session.Cache);
    private readonly ConcurrentDictionary<Digest, StoredLayer> _recompressed = new();
    // The copied documents. Only descriptors are kept, because an index may have many documents. Null for an omitted document.
    private readonly Dictionary<(Digest, ManifestFamily?), Descriptor?> _copies = [];
    private readonly HashSet<Digest> _images = [];
    private readonly HashSet<Digest> _foreignLayers = [];
    private readonly HashSet<Digest> _leftOut = [];
    private Platform? _platform;
    private bool _wasMixed;
    private bool _losesAnnotations;
    private int _copied;
    private int _there;
    private long _bytes;

    /// <summary>Copies the image or the index and publishes it under the destination's name.</summary>
    /// <exception cref="InputException">The source is broken or does not match its digests.</exception>
    /// <exception cref="MachineException">A registry can't be reached, or the disk is full.</exception>
    public async Task<TransferResult> RunAsync()
    {
        var (root, file) = await CopyAllAsync(session.CancellationToken);
        session.Warn(WarningsOf(root));
        return new(root, _images.Count, file, _copied, _there, _bytes);
    }

    /// <summary>Copies the image or the index with OCI documents. The caller publishes it together with others.</summary>
    /// <exception cref="InputException">The source is broken or does not match its digests.</exception>
    /// <exception cref="MachineException">A registry can't be reached, or the disk is full.</exception>
    public async Task<PublishedImage> PutAsync()
    {
        var root = await PutAsync(ManifestFamily.Oci, session.CancellationToken);
        session.Warn(WarningsOf(root));
        return Published(root);
    }

    // A registry that refuses one family of documents gets the other family. Blobs that were sent by then are not sent again.
    private async Task<(ManifestDocument Root, TransferredFile? File)> CopyAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            ManifestFamily? kept = destination.TakesDocker && form.Annotations.Count == 0 ? null : ManifestFamily.Oci;
            return await CopyAllAsync(form.Family ?? kept, cancellationToken);
        }
        catch (FamilyRefusedException refused)
        {
            var family = refused.Family == ManifestFamily.Oci ? ManifestFamily.Docker : ManifestFamily.Oci;
            var isArtifact = source.Root is ImageManifest { IsImage: false };
            if (form.Family is not null || form.Annotations.Count > 0 || (isArtifact && family == ManifestFamily.Docker)) throw refused.Refusal;
            return await CopyAllAsync(refused, family, cancellationToken);
        }
    }

    private async Task<(ManifestDocument Root, TransferredFile? File)> CopyAllAsync(
        FamilyRefusedException refused, ManifestFamily family, CancellationToken cancellationToken)
    {
        var there = _there;
        _wasMixed = false;
        try
        {
            var copy = await CopyAllAsync(family, cancellationToken);
            // Layers that the first attempt sent do not count as layers that the registry had before.
            _there = there;
            session.Warn($"{refused.Refusal.Where} is converted to {NameOf(family)} documents, and has the digest {copy.Root.Digest}: "
                + $"the registry refuses {NameOf(refused.Family)} documents: {refused.Refusal.Message}.");
            return copy;
        }
        catch (FamilyRefusedException)
        {
            // The registry refuses both families, so the family is not the cause.
            throw refused.Refusal;
        }
    }

    private async Task<(ManifestDocument Root, TransferredFile? File)> CopyAllAsync(ManifestFamily? family, CancellationToken cancellationToken)
    {
        var root = await PutAsync(family, cancellationToken);
        session.Lifetime.RequireUnchanged();
        return (root, await destination.PublishAsync([Published(root)], cancellationToken));
    }

    private async Task<ManifestDocument> PutAsync(ManifestFamily? family, CancellationToken cancellationToken)
    {
        var root = await CopyAsync(source.Root, 1, family, cancellationToken)
            ?? throw new InputException("is an artifact, which Docker documents can't describe", new(source.Name));
        return ManifestRewriting.Annotate(root, form.Annotations);
    }

    private PublishedImage Published(ManifestDocument root) => new(root, _platform, form.References, form.RefName);

    private IEnumerable<string> WarningsOf(ManifestDocument root)
    {
        if (_wasMixed)
        {
            yield return $"{source.Name} mixes Docker and OCI media types, which clients refuse: the copy has media types of one family, "
                + $"and therefore the digest {root.Digest}.";
        }

        if (_losesAnnotations) yield return $"Docker documents have no annotations: the annotations of {source.Name} are left out.";
        if (_leftOut.Count > 0)
            yield return $"Docker documents can't describe attestations and other artifacts: {_leftOut.Count} of {source.Name} are left out.";
        if (_foreignLayers.Count == 0) yield break;
        yield return $"{Counted.Of(_foreignLayers.Count, "layer")} of {source.Name} may not be redistributed: "
            + "the copy has their URLs instead of their contents.";
    }

    // Null if the document is an artifact, which Docker's family can't describe.
    private async Task<ManifestDocument?> CopyAsync(
        ManifestDocument? document, int depth, ManifestFamily? family, CancellationToken cancellationToken)
    {
        if (family == ManifestFamily.Docker && document is ImageManifest { IsImage: false }) return null;
        ManifestDocument copied = document is ImageIndex index
            ? await CopyIndexAsync(index, depth, family ?? (index.IsOci ? ManifestFamily.Oci : null), cancellationToken)
            : document is ImageManifest { IsImage: false } artifact
                ? await CopyArtifactAsync(artifact, family, cancellationToken)
                : await CopyImageAsync((ImageManifest?)document, family, cancellationToken);
        // The root document is sent when it is published.
        if (depth > 1) await destination.PutAsync(copied, cancellationToken);
        return copied;
    }

    private async Task<ImageIndex> CopyIndexAsync(ImageIndex index, int depth, ManifestFamily? family, CancellationToken cancellationToken)
    {
        _wasMixed |= index.MixesFamilies;
        var manifests = await CopyEntriesAsync(index, depth, family, cancellationToken);
        if (family == ManifestFamily.Docker)
        {
            _leftOut.UnionWith(manifests.Zip(index.Manifests).Where(pair => pair.First is null).Select(pair => pair.Second.Digest));
            return DockerConversion.Of(index, manifests);
        }

        // If one manifest can't stay in Docker's family, all manifests and the index become OCI documents. Their blobs
        // are copied already.
        if (manifests.Exists(entry => entry!.IsOci) && !manifests.TrueForAll(entry => entry!.IsOci))
            manifests = await CopyEntriesAsync(index, depth, ManifestFamily.Oci, cancellationToken);
        return ManifestRewriting.Rewrite(index, manifests!, family == ManifestFamily.Oci);
    }

    private async Task<List<Descriptor?>> CopyEntriesAsync(ImageIndex index, int depth, ManifestFamily? family, CancellationToken cancellationToken)
    {
        var manifests = new List<Descriptor?>();
        foreach (var entry in index.Manifests)
        {
            if (entry.Problem is { } problem) throw problem;
            // A document is copied once, even if several indexes name it.
            if (!_copies.TryGetValue((entry.Digest, family), out var copied))
            {
                ImageIndex.RequireBounds(depth, _copies.Count, source.Name);
                copied = (await CopyAsync(await source.ReadAsync(entry, cancellationToken), depth + 1, family, cancellationToken))?.Descriptor;
                _copies[(entry.Digest, family)] = copied;
            }

            manifests.Add(copied);
        }

        return manifests;
    }

    private async Task<ImageManifest> CopyImageAsync(ImageManifest? manifest, ManifestFamily? family, CancellationToken cancellationToken)
    {
        _wasMixed |= manifest is { MixesFamilies: true };
        var image = await source.ReadImageAsync(manifest, cancellationToken);
        _images.Add(manifest?.Digest ?? image.Config.Id);
        // An image may have the same layer twice.
        Layer[] distinct = [.. image.Layers.DistinctBy(IdentityOf)];
        var (fetching, sending) = Meters(distinct.Length, distinct.Sum(layer => layer.StoredLength));
        var stored = new ConcurrentDictionary<(Digest, Digest?), StoredLayer>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(distinct, options, async (layer, token) =>
            stored[IdentityOf(layer)] = await CopyLayerAsync(layer, family, fetching, sending, token));
        StoredLayer[] layers = [.. image.Layers.Select(layer => stored[IdentityOf(layer)])];
        var written = image.Manifest is { } known
            ? ManifestRewriting.Rewrite(known, layers, family == ManifestFamily.Oci)
            : ManifestRewriting.Of(image, layers, new(source.Name));
        if (family == ManifestFamily.Docker)
        {
            _losesAnnotations |= DockerConversion.Loses(written);
            written = DockerConversion.Of(written);
        }

        if (source.Root == manifest && image.Config.Architecture.Length > 0) _platform = image.Config.Platform;
        if (!await destination.HasAsync(written.Config, cancellationToken))
            await destination.PutAsync(written.Config, new MemoryContent(image.Config.Bytes), NullProgress<int>.Instance, cancellationToken);
        return written;
    }

    private static (Digest DiffId, Digest? Blob) IdentityOf(Layer layer) => (layer.DiffId, layer.BlobDigest);

    // The compression of an artifact's blobs is unknown, so the blobs stay unchanged.
    private async Task<ImageManifest> CopyArtifactAsync(ImageManifest manifest, ManifestFamily? family, CancellationToken cancellationToken)
    {
        Descriptor[] parts = [.. manifest.Layers.DistinctBy(part => part.Digest)];
        var (fetching, sending) = Meters(parts.Length, parts.Sum(part => part.Size));
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(parts, options, async (part, token) =>
        {
            if (await IsThereAsync(part.Digest, part.Size, token))
            {
                fetching.ReportAll(part.Size);
                sending.ReportAll(part.Size);
                return;
            }

            var blob = await source.GetBlobAsync(part, fetching, token);
            await PutAsync(new(blob.Digest, part.Size, CompressionFormat.None), blob.Content, sending, token);
        });
        if (!await destination.HasAsync(manifest.Config, cancellationToken))
        {
            var config = await source.GetBlobAsync(manifest.Config, NullProgress<int>.Instance, cancellationToken);
            await destination.PutAsync(manifest.Config, config.Content, NullProgress<int>.Instance, cancellationToken);
        }

        StoredLayer[] unchanged = [.. manifest.Layers.Select(part => new StoredLayer(part.Digest, part.Size, CompressionFormat.None))];
        return ManifestRewriting.Rewrite(manifest, unchanged, family == ManifestFamily.Oci);
    }

    private async Task<StoredLayer> CopyLayerAsync(
        Layer layer, ManifestFamily? family, IProgress<int> fetching, IProgress<int> sending, CancellationToken cancellationToken)
    {
        if (layer.IsElsewhere && destination.TakesLayersElsewhere)
        {
            lock (_foreignLayers) _foreignLayers.Add(layer.BlobDigest!);
            return Done();
        }

        var wanted = Wanted(layer.Compression, family);
        var isKept = wanted == layer.Compression;
        var isThere = isKept && layer.BlobDigest is { } known && await IsThereAsync(known, layer.StoredLength, cancellationToken);
        if (isThere && (!destination.IsComplete || layer.IsVerified || _unpacked.Has(layer.BlobDigest!, layer.DiffId))) return Done();
        var blob = await GetAsync(layer, fetching, cancellationToken);
        if (!isKept) return await RecompressAsync(layer, blob, wanted, sending, cancellationToken);
        var stored = new StoredLayer(blob.Digest, blob.Content.Length, layer.Compression);
        // A blob that the destination has was fetched only to verify it, and is not sent again.
        if (isThere || (layer.BlobDigest is null && await IsThereAsync(stored.Digest, stored.Length, cancellationToken)))
            sending.ReportAll(stored.Length);
        else
            await PutAsync(stored, blob.Content, sending, cancellationToken);
        return stored;

        StoredLayer Done()
        {
            fetching.ReportAll(layer.StoredLength);
            sending.ReportAll(layer.StoredLength);
            return new(layer.BlobDigest!, layer.StoredLength, layer.Compression);
        }
    }

    private async Task<Blob> GetAsync(Layer layer, IProgress<int> fetching, CancellationToken cancellationToken)
    {
        var blob = await layer.GetBlobAsync(fetching, cancellationToken);
        if (!_unpacked.Has(blob.Digest, layer.DiffId)) _unpacked.Add(blob.Digest, layer.DiffId);
        return blob;
    }

    private async Task<StoredLayer> RecompressAsync(
        Layer layer, Blob blob, CompressionFormat format, IProgress<int> sending, CancellationToken cancellationToken)
    {
        if (!_recompressed.TryGetValue(blob.Digest, out var stored))
        {
            // The compression is detected from the content, because media types of real images are often wrong.
            var from = CompressionMagic.DetectIn(blob.Content);
            var where = new InputLocation(source.Name, blob.Digest.ToString());
            (var bytes, stored) = await Task.Run(
                () => Recompression.Run(blob.Content, from, format, session.Scratch, where, cancellationToken), cancellationToken);
            session.Own(bytes);
            if (!await IsThereAsync(stored.Digest, stored.Length, cancellationToken))
                await PutAsync(stored, new SourceContent(bytes, 0, bytes.Length), NullProgress<int>.Instance, cancellationToken);
            _recompressed[blob.Digest] = stored;
        }

        sending.ReportAll(layer.StoredLength);
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

    // The media type of a blob matters only in documents, not for storing the blob.
    private static Descriptor Blob(Digest digest, long length) => new("application/octet-stream", digest, length);

    private CompressionFormat Wanted(CompressionFormat now, ManifestFamily? family) => now switch
    {
        // Docker documents can't describe zstd layers.
        _ when family == ManifestFamily.Docker && (form.Compression ?? now) == CompressionFormat.Zstd => CompressionFormat.Gzip,
        _ when form.Compression is { } asked => asked,
        CompressionFormat.None => destination.DefaultCompression,
        CompressionFormat.Gzip or CompressionFormat.Zstd => now,
        // Clients do not support layers in other compressions.
        _ => destination.DefaultCompression,
    };

    private static string NameOf(ManifestFamily family) => family == ManifestFamily.Oci ? "OCI" : "Docker";

    private (IProgress<int> Fetching, IProgress<int> Sending) Meters(int count, long length)
    {
        return (MeterOf(source.FetchingText, false), MeterOf(destination.SendingText, source.FetchingText is not null));

        IProgress<int> MeterOf(string? verb, bool alongside) =>
            verb is null ? NullProgress<int>.Instance : session.Meter($"{verb} {Counted.Of(count, "layer")}", length, alongside);
    }
}

/// <summary>The result of a transfer.</summary>
/// <param name="Root">The manifest or the index at the destination.</param>
/// <param name="Images">Number of distinct images that were copied.</param>
/// <param name="File">The archive; null for other destinations.</param>
/// <param name="Copied">Number of layers that were sent or written.</param>
/// <param name="There">Number of layers that the destination had before.</param>
/// <param name="Bytes">Total size in bytes of the layers that were sent or written.</param>
internal sealed record TransferResult(ManifestDocument Root, int Images, TransferredFile? File, int Copied, int There, long Bytes);
