using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Images.Remote;

/// <summary>A layer of an image in a registry. Its blob is fetched on demand and stays in the cache.</summary>
internal sealed class RegistryLayer : Layer
{
    private readonly Descriptor _blob;
    private readonly RegistryReference _repository;
    private readonly CachedRegistry _registry;
    private readonly Session _session;

    /// <summary>
    /// Makes the layer from its descriptor and the diff ID in the config. The session owns the blob once it is fetched.
    /// </summary>
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
