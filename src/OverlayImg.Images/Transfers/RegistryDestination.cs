using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Transfers;

/// <summary>
/// A repository of a registry as the destination of a transfer. Blobs are mounted from other repositories of the
/// registry if possible, first from the source's repository <paramref name="from"/> (null if the source is not a registry).
/// </summary>
internal sealed class RegistryDestination(
    RegistryReference image, RegistryReference? from, CachedRegistry registry, BlobPlaces places) : TransferDestination
{
    /// <inheritdoc/>
    public override bool TakesDocker => true;

    /// <inheritdoc/>
    public override bool IsComplete => false;

    /// <inheritdoc/>
    public override CompressionFormat DefaultCompression => CompressionFormat.Gzip;

    /// <inheritdoc/>
    public override string SendingText => "Sending";

    /// <inheritdoc/>
    public override async Task<bool> HasAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        if (!await registry.Client.HasBlobAsync(image, blob, cancellationToken) && !await TryMountAsync(blob, cancellationToken)) return false;
        places.Add(image, blob.Digest);
        return true;
    }

    /// <inheritdoc/>
    public override async Task PutAsync(Descriptor blob, FileContent content, IProgress<int> sent, CancellationToken cancellationToken)
    {
        await registry.Client.UploadBlobAsync(image, blob, offset => ContentStream.Open(content, offset), sent, cancellationToken);
        places.Add(image, blob.Digest);
    }

    /// <inheritdoc/>
    public override Task PutAsync(ManifestDocument document, CancellationToken cancellationToken) =>
        PutAsync(image.At(document.Digest), document, cancellationToken);

    /// <inheritdoc/>
    public override async Task<TransferredFile?> PublishAsync(IReadOnlyList<PublishedImage> images, CancellationToken cancellationToken)
    {
        var root = images.Single().Root;
        if (image.Digest is not null && image.Digest != root.Digest)
        {
            throw new InputException($"has another digest than the image, which gets the digest {root.Digest}", new(image.ToString()))
            {
                Advice = "Name the image by a tag.",
            };
        }

        await PutAsync(image, root, cancellationToken);
        return null;
    }

    private async Task PutAsync(RegistryReference name, ManifestDocument document, CancellationToken cancellationToken)
    {
        if (await registry.Client.PutManifestAsync(name, document, cancellationToken) is { } refusal)
            throw new FamilyRefusedException(refusal, document.IsOci ? ManifestFamily.Oci : ManifestFamily.Docker);
    }

    private async Task<bool> TryMountAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        IEnumerable<string> repositories = places.Of(image.Registry, blob.Digest);
        if (from is not null && from.Registry == image.Registry) repositories = repositories.Prepend(from.Repository);
        foreach (var repository in repositories.Where(repository => repository != image.Repository).Distinct())
        {
            if (await registry.Client.TryMountBlobAsync(image, blob, repository, cancellationToken)) return true;
        }

        return false;
    }
}
