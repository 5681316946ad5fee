using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Remote;

/// <summary>Where images are copied from: documents, and layers that are fetched when they are asked for.</summary>
internal abstract class TransferSource
{
    /// <summary>What the user named.</summary>
    public abstract string Name { get; }

    /// <summary>The names that the image has there.</summary>
    public abstract IReadOnlyList<ImageReference> References { get; }

    /// <summary>The repository that blobs can be mounted from; null where it is no registry.</summary>
    public virtual RegistryReference? Repository => null;

    /// <summary>What is done to get at a layer, for a message; null where that takes no time.</summary>
    public virtual string? FetchingText => null;

    /// <summary>The manifest, or the index with all images; null where the image comes without one.</summary>
    public abstract ManifestDocument? Root { get; }

    /// <summary>An entry of an index.</summary>
    /// <exception cref="InputException">It is not there, or broken.</exception>
    public abstract Task<ManifestDocument> ReadAsync(Descriptor entry, CancellationToken cancellationToken);

    /// <summary>The image of a manifest. Its layers come when they are asked for.</summary>
    /// <param name="manifest">The manifest of an image, no artifact's; null where <see cref="Root"/> is.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">It is broken.</exception>
    public abstract Task<Image> ReadImageAsync(ImageManifest? manifest, CancellationToken cancellationToken);

    /// <summary>Gets a blob of an artifact, verified.</summary>
    /// <param name="blob">The blob as the artifact's manifest describes it.</param>
    /// <param name="received">Is told of the blob's bytes.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">The blob is not there, or broken.</exception>
    /// <exception cref="MachineException">A registry can't be reached, or the disk is full.</exception>
    public abstract Task<Blob> GetBlobAsync(Descriptor blob, IProgress<int> received, CancellationToken cancellationToken);
}
