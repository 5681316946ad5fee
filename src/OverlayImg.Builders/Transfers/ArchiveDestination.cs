using System.Collections.Concurrent;
using OverlayImg.FileSystems;
using OverlayImg.Images;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Transfers;

/// <summary>An image archive, written when all is there.</summary>
internal sealed class ArchiveDestination : TransferDestination
{
    private readonly ArchiveOutput _output;
    private readonly IReadOnlyList<ImageReference> _references;
    private readonly Digest? _expected;
    private readonly Session _session;
    private readonly TarOutputFile _file;
    private readonly ConcurrentDictionary<Digest, FileContent> _blobs = new();

    /// <summary>Prepares the archive; refuses at once what could not be written at the end.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="references">The image's names in it.</param>
    /// <param name="expected">What the file's SHA-256 must be; null for any.</param>
    /// <param name="session">The operation. It owns the destination.</param>
    /// <exception cref="InputException">It can't be written there.</exception>
    public ArchiveDestination(ArchiveOutput output, IReadOnlyList<ImageReference> references, Digest? expected, Session session)
    {
        CopiedImage.RequireNames(references, output.RefName);
        (_output, _references, _expected, _session) = (output, references, expected, session);
        _file = session.Own(TarOutputFile.Prepare(output.Destination));
    }

    /// <inheritdoc/>
    public override bool TakesLayersElsewhere => _output.Format == ArchiveFormat.Oci;

    /// <inheritdoc/>
    public override Task<bool> HasAsync(Descriptor blob, CancellationToken cancellationToken) => Task.FromResult(_blobs.ContainsKey(blob.Digest));

    /// <inheritdoc/>
    public override Task PutAsync(Descriptor blob, FileContent content, IProgress<int> sent, CancellationToken cancellationToken)
    {
        _blobs[blob.Digest] = content;
        sent.ReportAll(blob.Size);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task PutAsync(ManifestDocument document, CancellationToken cancellationToken)
    {
        _blobs[document.Digest] = new MemoryContent(document.Bytes);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task<TransferredFile?> PublishAsync(ManifestDocument root, Platform? platform, CancellationToken cancellationToken)
    {
        await PutAsync(root, cancellationToken);
        _session.Step($"Writing {_output.Destination.Path}");
        var image = new CopiedImage { Root = root, Platform = platform, References = _references, RefName = _output.RefName };
        // A docker-archive has neither an index nor an artifact.
        var isImage = root is ImageManifest { IsImage: true };
        var format = isImage ? _output.Format : ArchiveFormat.Oci;
        if (root is ImageManifest && !isImage && _output.Format != ArchiveFormat.Oci)
        {
            var what = "holds an artifact, not an image: it is an OCI archive alone, which docker does not load";
            _session.Warn($"{_output.Destination.Path} {what}.");
        }

        await Task.Run(() => ImageArchive.Write(image, _blobs, format, _file.Stream, cancellationToken), cancellationToken);
        var hash = await _file.HashAsync(cancellationToken);
        if (_expected is not null && hash != _expected)
        {
            throw new InputException(
                $"would have the SHA-256 {hash?.Hex} ({hash?.ToIntegrity()}), not {_expected.Hex} ({_expected.ToIntegrity()})", new(_output.Destination.Path))
            {
                Advice = "Nothing was written. Is it the same image, for the same platform, under the same final name and tag, in the same format?",
            };
        }

        return new(_file.Publish(), hash);
    }
}
