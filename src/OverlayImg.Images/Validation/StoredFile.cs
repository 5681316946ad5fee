using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Archives;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Validation;

/// <summary>A blob or layer of an archive, read once to its end: its digests, and the rules of what is in it.</summary>
/// <param name="member">Where it lies.</param>
/// <param name="uses">The layers that it is, in the archive's documents; none for a document or a blob that nobody names.</param>
internal sealed class StoredFile(ArchiveMember member, IReadOnlyList<LayerUse> uses)
{
    private readonly string _where = $"{(uses.Count > 0 ? "layer " : "")}{JsonInput.Printable(member.Name)}";

    /// <summary>Where it lies.</summary>
    public ArchiveMember Member => member;

    /// <summary>What it has against the rules.</summary>
    public Findings Findings { get; } = new();

    /// <summary>Whether it has hard links that lead out of it.</summary>
    public bool HasOpenLinks { get; private set; }

    /// <summary>Whether it has so many entries that no tree of them should be made.</summary>
    public bool IsHuge { get; private set; }

    /// <summary>Whether anybody says that it is a layer of files.</summary>
    public bool IsLayer => uses.Any(use => use.MediaType is null || MediaTypes.CompressionOf(use.MediaType) is not null);

    /// <summary>Reads it.</summary>
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
        InputLocation place = new(Layer: JsonInput.Printable(member.Name));
        try
        {
            var limit = compression == CompressionFormat.None ? long.MaxValue : SpoolLimits.Default.For(member.Length);
            using var guard = new GuardedStream(Decompression.Open(new KeepOpenStream(stored), compression, place), limit, place);
            using var unpacked = new HashingStream(guard);
            CheckTar(unpacked, guard, place, cancellationToken);
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
        if (use.MediaType is not null && MediaTypes.CompressionOf(use.MediaType) is { } said && said != compression)
            Findings.Error("layer-media-type", use.Where, $"is a '{JsonInput.Printable(use.MediaType)}', but {_where} is {WordOf(compression)}");
    }

    private void CheckTar(Stream unpacked, GuardedStream guard, InputLocation place, CancellationToken cancellationToken)
    {
        var rules = new LayerEntryRules(_where, Findings);
        var reader = new TarReader(unpacked, place) { ReportsGlobalHeaders = true };
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
        else if (expected != actual) Findings.Error("blob-digest", _where, $"has the digest {actual}, not the one that its name says");
    }

    private static string WordOf(CompressionFormat compression) =>
        compression == CompressionFormat.None ? "not compressed" : $"compressed by {compression.ToString().ToLowerInvariant()}";
}
