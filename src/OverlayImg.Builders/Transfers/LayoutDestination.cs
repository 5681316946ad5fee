using OverlayImg.FileSystems;
using OverlayImg.Images;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Transfers;

/// <summary>An OCI layout: a new one, or one that the image is added to. What it has already is not written again.</summary>
/// <param name="output">Where.</param>
/// <param name="references">The image's names in it.</param>
/// <param name="session">The operation. It owns the destination.</param>
internal sealed class LayoutDestination(LayoutOutput output, IReadOnlyList<ImageReference> references, Session session) : TransferDestination
{
    private readonly LayoutWriter _writer = session.Own(Open(output, references));
    private readonly Lock _lock = new();

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
    public override async Task<TransferredFile?> PublishAsync(ManifestDocument root, Platform? platform, CancellationToken cancellationToken)
    {
        await PutAsync(root, cancellationToken);
        var image = new CopiedImage { Root = root, Platform = platform, References = references, RefName = output.RefName };
        foreach (var entry in image.Entries) _writer.Refer(entry);
        await Task.Run(() => _writer.Publish(cancellationToken), cancellationToken);
        return null;
    }

    private static LayoutWriter Open(LayoutOutput output, IReadOnlyList<ImageReference> references)
    {
        CopiedImage.RequireNames(references, output.RefName);
        return LayoutWriter.Open(output.Directory);
    }
}
