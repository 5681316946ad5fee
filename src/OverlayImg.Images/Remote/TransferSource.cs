using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Remote;

/// <summary>The source of a copied image: manifests, configs, and layers that are fetched on demand.</summary>
internal abstract class TransferSource
{
    /// <summary>Name of the source in messages: the text that the user gave.</summary>
    public abstract string Name { get; }

    /// <summary>The names of the image in the source.</summary>
    public abstract IReadOnlyList<ImageReference> References { get; }

    /// <summary>The repository from which blobs can be mounted; null if the source is no registry.</summary>
    public virtual RegistryReference? Repository => null;

    /// <summary>Text of the progress message while layers are fetched; null if fetching takes no time.</summary>
    public virtual string? FetchingText => null;

    /// <summary>The manifest, or the index with all images; null if the image has no manifest.</summary>
    public abstract ManifestDocument? Root { get; }

    /// <summary>Reads the manifest or index of an index entry.</summary>
    /// <exception cref="InputException">The document does not exist, or is broken.</exception>
    public abstract Task<ManifestDocument> ReadAsync(Descriptor entry, CancellationToken cancellationToken);

    /// <summary>Reads the image of a manifest. The layers are fetched on demand.</summary>
    /// <param name="manifest">The manifest of an image, not of an artifact; null if <see cref="Root"/> is null.</param>
    /// <exception cref="InputException">The image is broken.</exception>
    public abstract Task<Image> ReadImageAsync(ImageManifest? manifest, CancellationToken cancellationToken);

    /// <summary>Fetches a blob of an artifact and verifies it.</summary>
    /// <param name="blob">Descriptor of the blob in the artifact's manifest.</param>
    /// <param name="received">Receives counts of fetched bytes.</param>
    /// <exception cref="InputException">The blob does not exist, or is broken.</exception>
    /// <exception cref="MachineException">The registry can't be reached, or the disk is full.</exception>
    public abstract Task<Blob> GetBlobAsync(Descriptor blob, IProgress<int> received, CancellationToken cancellationToken);
}
