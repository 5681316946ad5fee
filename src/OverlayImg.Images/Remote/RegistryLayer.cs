using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Images.Remote;

/// <summary>A layer of an image in a registry. Its blob is fetched when it is asked for, and stays in the cache.</summary>
internal sealed class RegistryLayer : Layer
{
    private readonly Descriptor _blob;
    private readonly RegistryReference _repository;
    private readonly CachedRegistry _registry;
    private readonly Session _session;

    /// <summary>Describes the layer. Nothing is fetched.</summary>
    /// <param name="blob">The blob as the manifest describes it.</param>
    /// <param name="diffId">The diff ID that the config says.</param>
    /// <param name="repository">The repository that has the blob.</param>
    /// <param name="registry">The registry, with the cache before it.</param>
    /// <param name="session">The operation. It owns the fetched blob.</param>
    public RegistryLayer(Descriptor blob, Digest diffId, RegistryReference repository, CachedRegistry registry, Session session)
        : base(blob, diffId, new(repository.ToString())) => (_blob, _repository, _registry, _session) = (blob, repository, registry, session);

    /// <inheritdoc/>
    internal override async Task<Blob> GetBlobAsync(IProgress<int> received, CancellationToken cancellationToken)
    {
        var source = _session.Own(await _registry.GetBlobAsync(_repository, _blob, received, cancellationToken)).Source;
        var content = new SourceContent(source, 0, source.Length);
        if (_registry.Unpacked.Has(_blob.Digest, DiffId)) return new(_blob.Digest, content);
        var layer = new Layer(content, CompressionMagic.DetectIn(content), DiffId, _blob.Digest, new(_repository.ToString()));
        return new(await layer.VerifyAsync(null, cancellationToken), content);
    }
}
