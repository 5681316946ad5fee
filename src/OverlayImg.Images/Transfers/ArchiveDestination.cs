using System.Collections.Concurrent;
using OverlayImg.FileSystems;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Transfers;

/// <summary>An image archive, written when all is there.</summary>
internal sealed class ArchiveDestination : TransferDestination
{
    private readonly ArchiveOutput _output;
    private readonly Digest? _expected;
    private readonly Session _session;
    private readonly TarOutputFile _file;
    private readonly ConcurrentDictionary<Digest, FileContent> _blobs = new();

    /// <summary>Prepares the archive; refuses at once what could not be written at the end.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="expected">What the file's SHA-256 must be; null for any.</param>
    /// <param name="session">The operation. It owns the destination.</param>
    /// <exception cref="InputException">It can't be written there.</exception>
    public ArchiveDestination(ArchiveOutput output, Digest? expected, Session session)
    {
        (_output, _expected, _session) = (output, expected, session);
        _file = session.Own(TarOutputFile.Prepare(output.Destination));
    }

    /// <summary>Whether the SHA-256 of the file is told; it is read again for it.</summary>
    public bool TellsHash { get; init; }

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
    public override async Task<TransferredFile?> PublishAsync(IReadOnlyList<PublishedImage> images, CancellationToken cancellationToken)
    {
        foreach (var image in images) await PutAsync(image.Root, cancellationToken);
        _session.Step($"Writing {_output.Destination.Path}");
        await Task.Run(() => ImageArchive.Write(images, _blobs, FormatFor(images), _file.Stream, cancellationToken), cancellationToken);
        // What was verified before has been read again.
        _session.Lifetime.RequireUnchanged();
        var hash = TellsHash ? await _file.HashAsync(cancellationToken) : null;
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

    // A docker-archive has neither an index nor an artifact.
    private ArchiveFormat FormatFor(IReadOnlyList<PublishedImage> images)
    {
        if (images.All(image => image.Root is ImageManifest { IsImage: true })) return _output.Format;
        if (images.Any(image => image.Root is ImageManifest { IsImage: false }) && _output.Format != ArchiveFormat.Oci)
        {
            var what = "holds an artifact, not an image: it is an OCI archive alone, which docker does not load";
            _session.Warn($"{_output.Destination.Path} {what}.");
        }

        return ArchiveFormat.Oci;
    }
}
