using OverlayImg.FileSystems;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Transfers;

/// <summary>An OCI layout, owned by the session, as the destination. An existing layout gains the image.</summary>
internal sealed class LayoutDestination(LayoutOutput output, Session session) : TransferDestination
{
    private readonly LayoutWriter _writer = session.Own(LayoutWriter.Open(output.Directory));
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public override string SendingText => "Writing";

    /// <inheritdoc/>
    public override Task<bool> HasAsync(Descriptor blob, CancellationToken cancellationToken) => Task.Run(() =>
    {
        lock (_lock) return _writer.Has(blob.Digest, blob.Size, cancellationToken);
    }, cancellationToken);

    /// <inheritdoc/>
    public override Task PutAsync(Descriptor blob, FileContent content, IProgress<int> sent, CancellationToken cancellationToken) => Task.Run(() =>
    {
        lock (_lock) _writer.Add(blob.Digest, content, new(output.Directory, blob.Digest.ToString()), cancellationToken);
        sent.ReportAll(blob.Size);
    }, cancellationToken);

    /// <inheritdoc/>
    public override Task PutAsync(ManifestDocument document, CancellationToken cancellationToken) => Task.Run(() =>
    {
        lock (_lock) _writer.Add(document, cancellationToken);
    }, cancellationToken);

    /// <inheritdoc/>
    public override async Task<TransferredFile?> PublishAsync(IReadOnlyList<PublishedImage> images, CancellationToken cancellationToken)
    {
        foreach (var image in images) await PutAsync(image.Root, cancellationToken);
        foreach (var entry in OciDocuments.EntriesOf(images)) _writer.Refer(entry);
        await Task.Run(() => _writer.Publish(cancellationToken), cancellationToken);
        return null;
    }
}
