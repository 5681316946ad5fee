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

/// <summary>An image archive as the destination of a transfer. The file is written when the images are published.</summary>
internal sealed class ArchiveDestination : TransferDestination
{
    private readonly ArchiveOutput _output;
    private readonly Digest? _expected;
    private readonly Session _session;
    private readonly TarOutputFile _file;
    private readonly ConcurrentDictionary<Digest, FileContent> _blobs = new();

    /// <summary>
    /// Prepares the archive, so that errors of the output path are reported before the transfer.
    /// <paramref name="expected"/> is the SHA-256 that the file must have; null for any. The session owns the
    /// destination.
    /// </summary>
    /// <exception cref="InputException">The file can't be written at the path.</exception>
    public ArchiveDestination(ArchiveOutput output, Digest? expected, Session session)
    {
        (_output, _expected, _session) = (output, expected, session);
        _file = session.Own(TarOutputFile.Prepare(output.Destination));
    }

    /// <summary>Whether publishing returns the SHA-256 of the file. The file is read again to compute it.</summary>
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
        var meter = _session.Meter($"Writing {_output.Destination.Path}", _blobs.Values.Sum(blob => blob.Length));
        var blobs = _blobs.ToDictionary(blob => blob.Key, FileContent (blob) => new MeteredContent(blob.Value, meter));
        await Task.Run(() => ImageArchive.Write(images, blobs, FormatFor(images), _file.Stream, cancellationToken), cancellationToken);
        // The sources were verified before they were read again here, so a change in between must be detected.
        _session.Lifetime.RequireUnchanged();
        var hash = TellsHash ? await _file.HashAsync(cancellationToken) : null;
        if (_expected is not null && hash != _expected)
        {
            throw new InputException(
                $"would have the SHA-256 {hash?.Hex} ({hash?.ToIntegrity()}), not {_expected.Hex} ({_expected.ToIntegrity()})",
                new(_output.Destination.Path))
            {
                Advice = "Nothing was written. Check the image, the platform, the final name and tag, and the format.",
            };
        }

        return new(_file.Publish(), hash);
    }

    // The docker-archive format has neither indexes nor artifacts.
    private ArchiveFormat FormatFor(IReadOnlyList<PublishedImage> images)
    {
        if (images.All(image => image.Root is ImageManifest { IsImage: true })) return _output.Format;
        if (images.Any(image => image.Root is ImageManifest { IsImage: false }) && _output.Format != ArchiveFormat.Oci)
        {
            var what = "holds an artifact, not an image: it is only an OCI archive, which docker does not load";
            _session.Warn($"{_output.Destination.Path} {what}.");
        }

        return ArchiveFormat.Oci;
    }
}
