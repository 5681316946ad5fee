using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Images.Transfers;

/// <summary>Where images are copied to. Blobs come first, the documents that name them after them, the one that names all last.</summary>
internal abstract class TransferDestination
{
    /// <summary>Whether it takes Docker's documents as they are; else they become OCI's.</summary>
    public virtual bool TakesDocker => false;

    /// <summary>
    /// Whether a layer that is there still must be what its config says: so where the image is complete, and whoever has it believes it. What is in a registry is verified by
    /// whoever pulls it, and would have to be fetched for it here.
    /// </summary>
    public virtual bool IsComplete => true;

    /// <summary>Whether an image may lack layers that may not be passed on, and whose URLs its documents name.</summary>
    public virtual bool TakesLayersElsewhere => true;

    /// <summary>How layers that are not compressed become so where the user says nothing.</summary>
    public virtual CompressionFormat DefaultCompression => CompressionFormat.None;

    /// <summary>What is told of blobs that are sent; null where that takes no time.</summary>
    public virtual string? SendingText => null;

    /// <summary>Whether the blob is there, or can be had there without being sent. Thread-safe, as <see cref="PutAsync(Descriptor, FileContent, IProgress{int}, CancellationToken)"/>.</summary>
    /// <exception cref="MachineException">The registry can't be asked.</exception>
    public abstract Task<bool> HasAsync(Descriptor blob, CancellationToken cancellationToken);

    /// <summary>Puts a blob there.</summary>
    /// <param name="blob">What it is.</param>
    /// <param name="content">Its bytes, verified; readable until the transfer is done.</param>
    /// <param name="sent">Is told of its length.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MachineException">It can't be written or sent.</exception>
    public abstract Task PutAsync(Descriptor blob, FileContent content, IProgress<int> sent, CancellationToken cancellationToken);

    /// <summary>Puts a document there whose parts are there, and which another one names.</summary>
    /// <exception cref="FamilyRefusedException">The registry does not take documents of this family.</exception>
    /// <exception cref="MachineException">It can't be written or sent.</exception>
    public abstract Task PutAsync(ManifestDocument document, CancellationToken cancellationToken);

    /// <summary>Puts the documents there that name all the rest, under the names that they get: nothing was to be seen of them before.</summary>
    /// <param name="images">The images; a registry takes one.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The file that was written; null where it is no file.</returns>
    /// <exception cref="FamilyRefusedException">The registry does not take documents of this family.</exception>
    /// <exception cref="MachineException">They can't be written or sent.</exception>
    public abstract Task<TransferredFile?> PublishAsync(IReadOnlyList<PublishedImage> images, CancellationToken cancellationToken);
}

/// <summary>An archive that was written.</summary>
/// <param name="File">Where, and its size.</param>
/// <param name="Hash">Of the file; null where it went to a stream.</param>
public sealed record TransferredFile(WrittenFile File, Digest? Hash);
