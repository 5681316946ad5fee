using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Images.Transfers;

/// <summary>The destination of a transfer. Blobs are put first, then the documents that name them, and the root document last.</summary>
internal abstract class TransferDestination
{
    /// <summary>Whether the destination takes Docker documents. Otherwise they are converted to OCI documents.</summary>
    public virtual bool TakesDocker => false;

    /// <summary>
    /// Whether the diff ID of a layer must be verified even if the destination has its blob. Users of an archive or a
    /// layout trust its layers. Clients verify the layers that they pull from a registry, so the transfer need not
    /// fetch a layer only to verify it.
    /// </summary>
    public virtual bool IsComplete => true;

    /// <summary>Whether the image may lack foreign layers, which may not be redistributed and whose URLs are in the manifest.</summary>
    public virtual bool TakesLayersElsewhere => true;

    /// <summary>The compression for uncompressed layers if the user asks for none.</summary>
    public virtual CompressionFormat DefaultCompression => CompressionFormat.None;

    /// <summary>The verb for sending blobs in progress messages, such as <c>Sending</c>; null if putting a blob takes no time.</summary>
    public virtual string? SendingText => null;

    /// <summary>
    /// Whether the destination has the blob, or can mount the blob from another repository. Thread-safe, as is
    /// <see cref="PutAsync(Descriptor, FileContent, IProgress{int}, CancellationToken)"/>.
    /// </summary>
    /// <exception cref="MachineException">The registry can't be reached.</exception>
    public abstract Task<bool> HasAsync(Descriptor blob, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a blob. <paramref name="content"/> has the verified bytes and must stay readable until the images are
    /// published. <paramref name="sent"/> gets each number of bytes.
    /// </summary>
    /// <exception cref="MachineException">The blob can't be written or sent.</exception>
    public abstract Task PutAsync(Descriptor blob, FileContent content, IProgress<int> sent, CancellationToken cancellationToken);

    /// <summary>Puts a document that another document names. The destination has the blobs and documents that it names.</summary>
    /// <exception cref="FamilyRefusedException">The registry refuses documents of this family.</exception>
    /// <exception cref="MachineException">The document can't be written or sent.</exception>
    public abstract Task PutAsync(ManifestDocument document, CancellationToken cancellationToken);

    /// <summary>Puts the root documents under their names, which makes the images visible. A registry takes only one image.</summary>
    /// <returns>The archive that was written; null for other destinations.</returns>
    /// <exception cref="FamilyRefusedException">The registry refuses documents of this family.</exception>
    /// <exception cref="MachineException">The documents can't be written or sent.</exception>
    public abstract Task<TransferredFile?> PublishAsync(IReadOnlyList<PublishedImage> images, CancellationToken cancellationToken);
}

/// <summary>A written archive.</summary>
/// <param name="File">The path and the size of the archive.</param>
/// <param name="Hash">The SHA-256 of the file; null if it was not asked for or the archive went to a stream.</param>
public sealed record TransferredFile(WrittenFile File, Digest? Hash);
