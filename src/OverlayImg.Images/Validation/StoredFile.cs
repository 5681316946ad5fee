using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Archives;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Validation;

/// <summary>Checks a blob or a layer of an archive in one pass: its digests, and the rules for its content.</summary>
/// <param name="member">File in the archive or layout.</param>
/// <param name="uses">Layers in the documents that the file stores; empty for documents and unreferenced blobs.</param>
internal sealed class StoredFile(ArchiveMember member, IReadOnlyList<LayerUse> uses)
{
    private readonly string _where = $"{(uses.Count > 0 ? "layer " : "")}{JsonInput.Printable(member.Name)}";

    public ArchiveMember Member => member;

    public Findings Findings { get; } = new();

    /// <summary>Whether the layer has hard links to files of lower layers.</summary>
    public bool HasOpenLinks { get; private set; }

    /// <summary>Whether the layer has too many entries for a tree in memory.</summary>
    public bool IsHuge { get; private set; }

    /// <summary>Whether a document lists the file as a filesystem layer.</summary>
    public bool IsLayer => uses.Any(use => use.MediaType is null || MediaTypes.CompressionOf(use.MediaType) is not null);

    public void Check(IProgress<int>? read, CancellationToken cancellationToken)
    {
        try
        {
            CheckContent(read, cancellationToken);
        }
        finally
        {
            member.Files.Release(member);
        }
    }

    private void CheckContent(IProgress<int>? read, CancellationToken cancellationToken)
    {
        using var stored = new HashingStream(new SourceRangeStream(member.Source, member.SourceOffset, member.Length), read);
        var compression = member.Compression;
        if (IsLayer) CheckLayer(stored, compression, cancellationToken);
        stored.Drain(cancellationToken);
        CheckDigest(stored.Digest());
    }

    private void CheckLayer(HashingStream stored, CompressionFormat compression, CancellationToken cancellationToken)
    {
        foreach (var use in uses) CheckMediaType(use, compression);
        InputLocation location = new(Layer: JsonInput.Printable(member.Name));
        try
        {
            var limit = compression == CompressionFormat.None ? long.MaxValue : SpoolLimits.Default.For(member.Length);
            using var guard = new GuardedStream(Decompression.Open(new KeepOpenStream(stored), compression, location), limit, location);
            using var unpacked = new HashingStream(guard);
            CheckTar(unpacked, guard, location, cancellationToken);
            unpacked.Drain(cancellationToken);
            CheckDiffId(unpacked.Digest());
        }
        catch (InputException exception)
        {
            Findings.Error("layer-compression", exception);
        }
    }

    private void CheckMediaType(LayerUse use, CompressionFormat compression)
    {
        if (use.MediaType is not null && MediaTypes.CompressionOf(use.MediaType) is { } declared && declared != compression)
            Findings.Error("layer-media-type", use.Where, $"is a '{JsonInput.Printable(use.MediaType)}', but {_where} is {WordOf(compression)}");
    }

    private void CheckTar(Stream unpacked, GuardedStream guard, InputLocation location, CancellationToken cancellationToken)
    {
        var rules = new LayerEntryRules(_where, Findings);
        var reader = new TarReader(unpacked, location) { ReportsGlobalHeaders = true };
        try
        {
            while (reader.Next(cancellationToken) is { } entry) rules.Check(entry);
        }
        catch (InputException exception) when (!guard.HasFailed)
        {
            Findings.Error("layer-tar", exception);
        }

        rules.Complete();
        (HasOpenLinks, IsHuge) = (rules.HasOpenLinks, rules.IsFull);
    }

    private void CheckDiffId(Digest actual)
    {
        foreach (var use in uses.Where(use => use.DiffId is { } expected && expected != actual))
            Findings.Error("layer-diff-id", use.Where, $"is {_where} with the diff ID {actual}, but the config says {use.DiffId}");
    }

    private void CheckDigest(Digest actual)
    {
        if (!member.Name.StartsWith(ArchiveMembers.Blobs, StringComparison.Ordinal)) return;
        var name = member.Name[ArchiveMembers.Blobs.Length..];
        if (!Digest.TryParseHex(name, out var expected)) Findings.Error("blob-name", _where, "is not named by a digest");
        else if (expected != actual) Findings.Error("blob-digest", _where, $"has the digest {actual}, but is named by another one");
    }

    private static string WordOf(CompressionFormat compression) =>
        compression == CompressionFormat.None ? "not compressed" : $"compressed with {compression.ToString().ToLowerInvariant()}";
}
