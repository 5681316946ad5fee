using System.Security.Cryptography;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images;

/// <summary>A parent layer as it lies in an archive or a layout. Usable as long as that is open.</summary>
public sealed class Layer
{
    private const int UnpackedPiece = 256 << 10;

    private readonly ArchiveMember? _stored;

    /// <summary>A layer whose blob is a file of its own.</summary>
    /// <param name="blob">The blob; stays open.</param>
    /// <param name="diffId">What the config says of it.</param>
    /// <param name="digest">What the manifest says of it.</param>
    /// <param name="where">Where the image is, for messages.</param>
    public static Layer OfBlob(ByteSource blob, Digest diffId, Digest digest, InputLocation where) =>
        new(new BlobFiles(where, [], new Dictionary<Digest, ByteSource> { [digest] = blob }).Require(ArchiveMembers.NameOf(digest)), diffId, digest);

    internal Layer(ArchiveMember member, Digest diffId, Digest? blobDigest)
    {
        (_stored, Member, DiffId, BlobDigest) = (member, member.Name, diffId, blobDigest);
        Where = member.Files.Where with { Layer = JsonInput.Printable(member.Name) };
        (Compression, StoredLength) = (member.Compression, member.Length);
    }

    private Layer(Descriptor blob, Digest diffId, InputLocation where)
    {
        (Member, DiffId, BlobDigest) = (ArchiveMembers.NameOf(blob.Digest), diffId, blob.Digest);
        Where = where with { Layer = JsonInput.Printable(Member) };
        (Compression, StoredLength) = (blob.LayerCompression ?? CompressionFormat.None, blob.Size);
    }

    /// <summary>A layer that may not be passed on, and that the layout therefore does not have: its document names URLs to get it from.</summary>
    /// <remarks>Its content can't be read.</remarks>
    internal static Layer Elsewhere(Descriptor blob, Digest diffId, ImageFiles files) => new(blob, diffId, files.Where);

    /// <summary>Whether the archive or layout lacks the layer, which may not be passed on.</summary>
    public bool IsElsewhere => _stored is null;

    /// <summary>
    /// What the config says that its uncompressed tar's digest is; <see cref="LayerContent.VerifyAsync(CancellationToken)"/> finds out.
    /// </summary>
    public Digest DiffId { get; }

    /// <summary>What the manifest of an OCI layout says that the stored bytes' digest is; null in a docker-archive, which says nothing.</summary>
    public Digest? BlobDigest { get; }

    /// <summary>Its name in the archive.</summary>
    public string Member { get; }

    /// <summary>How it is compressed, told by its first bytes; by its media type where the layer is elsewhere.</summary>
    public CompressionFormat Compression { get; }

    /// <summary>Where in the archive, unpacked if it is compressed, its bytes begin.</summary>
    public long StoredOffset => Stored.Offset;

    /// <summary>Number of bytes in the archive.</summary>
    public long StoredLength { get; }

    /// <summary>The bytes as they are stored.</summary>
    public FileContent StoredContent => Stored.Content;

    /// <summary>The place to name in errors.</summary>
    public InputLocation Where { get; }

    /// <summary>Makes the uncompressed tar readable at random: where it lies in the archive, or decompressed into a temporary file.</summary>
    /// <exception cref="InputException">The compressed data is damaged, cut short, or a bomb.</exception>
    /// <exception cref="MachineException">The disk is full, or a library for the compression is missing.</exception>
    public LayerContent Open(ScratchDirectory scratch, CancellationToken cancellationToken) =>
        Open(new Spool(scratch, SpoolLimits.Default), cancellationToken);

    /// <summary>
    /// Hashes the layer, stored and unpacked in one pass, and compares with its diff ID and its blob's digest; nothing is kept of what it unpacks to.
    /// </summary>
    /// <param name="read">Is told of the stored bytes, <see cref="StoredLength"/> in all.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Digest of the stored bytes.</returns>
    /// <exception cref="InputException">It is not the layer that the config means, or its compressed data is damaged or a bomb.</exception>
    public Task<Digest> VerifyAsync(IProgress<int>? read, CancellationToken cancellationToken) => VerifyAsync(read, SpoolLimits.Default, cancellationToken);

    internal Task<Digest> VerifyAsync(IProgress<int>? read, SpoolLimits limits, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var stored = new HashingStream(OpenStored(), read);
        var diffId = Compression == CompressionFormat.None ? (Digest?)null : DigestOfUnpacked(stored, limits, cancellationToken);
        stored.Drain(cancellationToken);
        var digest = stored.Digest();
        RequireDigests(diffId ?? digest, digest);
        return digest;
    }, cancellationToken);

    /// <exception cref="InputException">The layer has other digests.</exception>
    internal void RequireDigests(Digest diffId, Digest? stored)
    {
        if (diffId != DiffId) throw IsOther($"its content has diff ID {diffId} but the config says {DiffId}");
        if (BlobDigest is { } expected && stored is { } actual && actual != expected)
            throw IsOther($"the blob has the digest {actual} but the manifest says {expected}");
    }

    internal LayerContent Open(Spool spool, CancellationToken cancellationToken)
    {
        if (Compression == CompressionFormat.None) return new(this, Stored.Source, Stored.SourceOffset, Stored.Length, unpackedDigest: null);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var source = spool.Decompress(OpenStored(), Compression, Where, cancellationToken, hash);
        return new(this, source, 0, source.Length, Digest.FromHash(hash.GetHashAndReset()));
    }

    internal Stream OpenStored() => new SourceRangeStream(Stored.Source, Stored.SourceOffset, Stored.Length);

    private ArchiveMember Stored => _stored ?? throw new InputException(
        "is a layer that may not be passed on, and is not stored here: its document names URLs to get it from", Where)
    {
        Advice = "Read the image from a registry, which fetches the layer from there.",
    };

    private Digest DigestOfUnpacked(HashingStream stored, SpoolLimits limits, CancellationToken cancellationToken)
    {
        // A decoder may end before the stored bytes do: they stay open for the rest.
        using var unpacked = new GuardedStream(Decompression.Open(new KeepOpenStream(stored), Compression, Where), limits.For(StoredLength), Where);
        // Unpacking is what takes long: hashing what comes of it goes on beside.
        using var digest = new DigestStream(cancellationToken);
        var buffer = new byte[UnpackedPiece];
        while (unpacked.Read(buffer) is > 0 and var count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            digest.Write(buffer.AsSpan(0, count));
        }

        return digest.Complete();
    }

    private InputException IsOther(string what) => new(what, Where) { Advice = "Don't use this archive: save or download the image again." };
}
