using System.Security.Cryptography;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Archives;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Layers;

/// <summary>
/// A layer of an image: its diff ID, and the blob that it is stored as. A layer holds no content in memory. The blob is readable as long as the source of the layer is open.
/// </summary>
public class Layer
{
    private const int UnpackedPiece = 256 << 10;

    private readonly FileContent? _stored;

    /// <summary>A layer whose blob is at hand.</summary>
    /// <param name="stored">The blob.</param>
    /// <param name="compression">How the blob is compressed; <see cref="CompressionMagic.DetectIn"/> tells it of a blob of unknown origin.</param>
    /// <param name="diffId">The diff ID that the config says.</param>
    /// <param name="blobDigest">The digest of the blob that a manifest says; null where no document says it.</param>
    /// <param name="where">The image, for messages.</param>
    public Layer(FileContent stored, CompressionFormat compression, Digest diffId, Digest? blobDigest, InputLocation where)
    {
        (_stored, DiffId, StoredLength, Compression) = (stored, diffId, stored.Length, compression);
        BlobDigest = blobDigest ?? (compression == CompressionFormat.None ? diffId : null);
        Member = ArchiveMembers.NameOf(BlobDigest ?? diffId);
        Where = where with { Layer = where.Layer ?? JsonInput.Printable(Member) };
    }

    /// <summary>A layer of an archive or a layout.</summary>
    /// <param name="member">The file with the blob.</param>
    /// <param name="diffId">The diff ID that the config says.</param>
    /// <param name="blobDigest">The digest of the blob that a manifest says; null where no document says it.</param>
    internal Layer(ArchiveMember member, Digest diffId, Digest? blobDigest)
        : this(member.Content, member.Compression, diffId, blobDigest, member.Files.Where with { Layer = JsonInput.Printable(member.Name) }) =>
        (Member, StoredOffset) = (member.Name, member.Offset);

    /// <summary>A layer whose blob is not at hand.</summary>
    private protected Layer(Descriptor blob, Digest diffId, InputLocation where)
    {
        (DiffId, BlobDigest, StoredLength) = (diffId, blob.Digest, blob.Size);
        Compression = blob.LayerCompression ?? CompressionFormat.None;
        Member = ArchiveMembers.NameOf(blob.Digest);
        Where = where with { Layer = JsonInput.Printable(Member) };
    }

    /// <summary>A layer that may not be passed on, and that the layout therefore does not have: its document names URLs to get it from.</summary>
    /// <remarks>Its content can't be read.</remarks>
    internal static Layer Elsewhere(Descriptor blob, Digest diffId, ImageFiles files) => new(blob, diffId, files.Where) { IsElsewhere = true };

    /// <summary>A new layer that is not compressed, whose diff ID is known.</summary>
    /// <param name="tar">The tar.</param>
    /// <param name="diffId">The digest of the tar.</param>
    public static Layer OfTar(FileContent tar, Digest diffId) =>
        new Layer(tar, CompressionFormat.None, diffId, diffId, new(Layer: diffId.ToString())).AsVerified(diffId);

    /// <summary>A new layer that is not compressed. Hashes the tar, which is read again when the image is written: a tar that is made as it is read needs no copy.</summary>
    /// <param name="tar">The tar.</param>
    /// <param name="what">
    /// What messages call the layer; null for a tar that notices itself when it is not the same any more. Others are hashed again as they are written, and end the
    /// writing where they differ.
    /// </param>
    /// <param name="hashed">Is told of the bytes.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">A file of the tar changed.</exception>
    public static Layer OfTar(FileContent tar, string? what, IProgress<int>? hashed, CancellationToken cancellationToken)
    {
        using var hashing = new HashingStream(new FileContentStream(tar), hashed);
        hashing.Drain(cancellationToken);
        var digest = hashing.Digest();
        return OfTar(what is null ? tar : new UnchangedContent(tar, digest, new(what)), digest);
    }

    /// <summary>Whether the archive or layout lacks the layer, which may not be passed on.</summary>
    public bool IsElsewhere { get; private init; }

    /// <summary>Whether the blob is known to have <see cref="BlobDigest"/>, and to unpack to <see cref="DiffId"/>.</summary>
    public bool IsVerified { get; private set; }

    /// <summary>The digest of the uncompressed tar, as the config says; <see cref="VerifyAsync(IProgress{int}?, CancellationToken)"/> finds out whether it is.</summary>
    public Digest DiffId { get; }

    /// <summary>The digest of the blob, as the manifest says; null where the image has no manifest and the blob is compressed.</summary>
    public Digest? BlobDigest { get; private set; }

    /// <summary>The name of the blob in its archive.</summary>
    public string Member { get; }

    /// <summary>How the blob is compressed, told by its first bytes; by its media type where the blob is not at hand.</summary>
    public CompressionFormat Compression { get; }

    /// <summary>The offset of the blob's first byte in the archive, which is unpacked if it is compressed; 0 for a blob in a file of its own.</summary>
    public long StoredOffset { get; }

    /// <summary>Number of bytes of the blob.</summary>
    public long StoredLength { get; }

    /// <summary>The blob.</summary>
    /// <exception cref="InputException">The layer is elsewhere.</exception>
    public FileContent StoredContent => _stored ?? throw new InputException(
        "is a layer that may not be passed on, and is not stored here: its document names URLs to get it from", Where)
    {
        Advice = "Read the image from a registry, which fetches the layer from there.",
    };

    /// <summary>The place to name in errors.</summary>
    public InputLocation Where { get; }

    /// <summary>The same layer, after somebody verified it.</summary>
    /// <param name="blobDigest">The digest of the blob.</param>
    public Layer AsVerified(Digest blobDigest)
    {
        var verified = (Layer)MemberwiseClone();
        (verified.BlobDigest, verified.IsVerified) = (blobDigest, true);
        return verified;
    }

    /// <summary>The digest of the blob. Hashes the blob where no manifest tells the digest. A digest that a manifest tells is believed.</summary>
    public async Task<Digest> FindBlobDigestAsync(CancellationToken cancellationToken)
    {
        if (BlobDigest is not null) return BlobDigest;
        await using var stored = OpenStored();
        return Digest.FromHash(await SHA256.HashDataAsync(stored, cancellationToken));
    }

    /// <summary>The same layer with the digest of its blob, after the image that the layer belongs to was verified.</summary>
    public async Task<Layer> AsVerifiedAsync(CancellationToken cancellationToken) => AsVerified(await FindBlobDigestAsync(cancellationToken));

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

    /// <summary>Gets the blob, verified against the diff ID and the digest that the manifest says.</summary>
    /// <param name="received">Is told of <see cref="StoredLength"/> bytes in all.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">It is not the layer that the config means, or its compressed data is damaged or a bomb.</exception>
    /// <exception cref="MachineException">A registry can't be reached, or the disk is full.</exception>
    internal virtual async Task<Blob> GetBlobAsync(IProgress<int> received, CancellationToken cancellationToken)
    {
        if (!IsVerified) return new(await VerifyAsync(received, cancellationToken), StoredContent);
        received.ReportAll(StoredLength);
        return new(BlobDigest!, StoredContent);
    }

    /// <exception cref="InputException">The layer has other digests.</exception>
    internal void RequireDigests(Digest diffId, Digest? stored)
    {
        if (diffId != DiffId) throw IsOther($"its content has diff ID {diffId} but the config says {DiffId}");
        if (BlobDigest is { } expected && stored is { } actual && actual != expected)
            throw IsOther($"the blob has the digest {actual} but the manifest says {expected}");
    }

    internal LayerContent Open(Spool spool, CancellationToken cancellationToken)
    {
        if (Compression == CompressionFormat.None && StoredContent is SourceContent { Source: var file, SourceOffset: var offset, Length: var length })
            return new(this, file, offset, length, unpackedDigest: null);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var source = spool.Decompress(OpenStored(), Compression, Where, cancellationToken, hash);
        return new(this, source, 0, source.Length, Digest.FromHash(hash.GetHashAndReset()));
    }

    internal Stream OpenStored() => StoredContent is SourceContent { Source: var file, SourceOffset: var offset, Length: var length }
        ? new SourceRangeStream(file, offset, length)
        : new FileContentStream(StoredContent);

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
