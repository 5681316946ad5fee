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

/// <summary>A layer of an image: its diff ID, and a blob in a source that must be open while the blob is read.</summary>
public class Layer
{
    private const int UnpackedPiece = 256 << 10;

    private readonly FileContent? _stored;

    /// <summary>Makes a layer with a readable blob.</summary>
    /// <param name="compression">Compression of the blob; <see cref="CompressionMagic.DetectIn"/> detects an unknown one.</param>
    /// <param name="diffId">Diff ID according to the config.</param>
    /// <param name="blobDigest">Digest of the blob according to a manifest; null without a manifest.</param>
    public Layer(FileContent stored, CompressionFormat compression, Digest diffId, Digest? blobDigest, InputLocation where)
    {
        (_stored, DiffId, StoredLength, Compression) = (stored, diffId, stored.Length, compression);
        BlobDigest = blobDigest ?? (compression == CompressionFormat.None ? diffId : null);
        Member = ArchiveMembers.NameOf(BlobDigest ?? diffId);
        Where = where with { Layer = where.Layer ?? JsonInput.Printable(Member) };
    }

    /// <summary>Makes a layer of an archive or a layout.</summary>
    /// <param name="member">The file that holds the blob.</param>
    /// <param name="diffId">Diff ID according to the config.</param>
    /// <param name="blobDigest">Digest of the blob according to a manifest; null without a manifest.</param>
    internal Layer(ArchiveMember member, Digest diffId, Digest? blobDigest)
        : this(member.Content, member.Compression, diffId, blobDigest, member.Files.Where with { Layer = JsonInput.Printable(member.Name) }) =>
        (Member, StoredOffset) = (member.Name, member.Offset);

    /// <summary>Makes a layer without a readable blob.</summary>
    private protected Layer(Descriptor blob, Digest diffId, InputLocation where)
    {
        (DiffId, BlobDigest, StoredLength) = (diffId, blob.Digest, blob.Size);
        Compression = blob.LayerCompression ?? CompressionFormat.None;
        Member = ArchiveMembers.NameOf(blob.Digest);
        Where = where with { Layer = JsonInput.Printable(Member) };
    }

    /// <summary>Makes a non-distributable layer that an archive or a layout lacks; its descriptor names URLs of the blob.</summary>
    /// <remarks>The content of such a layer can't be read.</remarks>
    internal static Layer Elsewhere(Descriptor blob, Digest diffId, ImageFiles files) => new(blob, diffId, files.Where) { IsElsewhere = true };

    /// <summary>Makes a verified uncompressed layer with a known diff ID.</summary>
    /// <param name="tar">The uncompressed tar.</param>
    /// <param name="diffId">Digest of the tar.</param>
    public static Layer OfTar(FileContent tar, Digest diffId) =>
        new Layer(tar, CompressionFormat.None, diffId, diffId, new(Layer: diffId.ToString())).AsVerified(diffId);

    /// <summary>
    /// Makes an uncompressed layer and computes its diff ID. The tar is read again when the image is written, so that a
    /// tar that is generated while it is read needs no copy.
    /// </summary>
    /// <param name="tar">The uncompressed tar.</param>
    /// <param name="what">
    /// Name of the layer in messages; null for a tar that reports its own changes. Other tars are hashed again while
    /// they are written, and a difference is an error.
    /// </param>
    /// <param name="hashed">Receives the numbers of hashed bytes; null for no reports.</param>
    /// <exception cref="InputException">A file that the tar is made from changed.</exception>
    public static Layer OfTar(FileContent tar, string? what, IProgress<int>? hashed, CancellationToken cancellationToken)
    {
        using var hashing = new HashingStream(new FileContentStream(tar), hashed);
        hashing.Drain(cancellationToken);
        var digest = hashing.Digest();
        return OfTar(what is null ? tar : new UnchangedContent(tar, digest, new(what)), digest);
    }

    /// <summary>Whether the layer is non-distributable and missing in its archive or layout.</summary>
    public bool IsElsewhere { get; private init; }

    /// <summary>Whether the blob is known to have <see cref="BlobDigest"/> and to decompress to <see cref="DiffId"/>.</summary>
    public bool IsVerified { get; private set; }

    /// <summary>The digest of the uncompressed tar in the config; it may be wrong unless <see cref="IsVerified"/>.</summary>
    public Digest DiffId { get; }

    /// <summary>The digest of the blob in the manifest; null for a compressed blob without a manifest.</summary>
    public Digest? BlobDigest { get; private set; }

    /// <summary>The name of the blob's file in its archive or layout.</summary>
    public string Member { get; }

    /// <summary>The compression of the blob by its first bytes, or by its media type if the blob is not readable.</summary>
    public CompressionFormat Compression { get; }

    /// <summary>The byte offset of the blob in the uncompressed archive; 0 for a blob in its own file.</summary>
    public long StoredOffset { get; }

    /// <summary>The size of the blob in bytes.</summary>
    public long StoredLength { get; }

    /// <summary>The bytes of the blob.</summary>
    /// <exception cref="InputException">The layer is non-distributable and missing here.</exception>
    public FileContent StoredContent => _stored ?? throw new InputException(
        "is a layer that may not be passed on, and is not stored here: its document names URLs to get it from", Where)
    {
        Advice = "Read the image from a registry, which fetches the layer from there.",
    };

    /// <summary>The location of the layer, for messages.</summary>
    public InputLocation Where { get; }

    /// <summary>Returns a copy of the layer that is marked as verified.</summary>
    /// <param name="blobDigest">Verified digest of the blob.</param>
    public Layer AsVerified(Digest blobDigest)
    {
        var verified = (Layer)MemberwiseClone();
        (verified.BlobDigest, verified.IsVerified) = (blobDigest, true);
        return verified;
    }

    /// <summary>Returns the digest of the blob: the manifest's digest, which is not verified here, or else the blob's hash.</summary>
    public async Task<Digest> FindBlobDigestAsync(CancellationToken cancellationToken)
    {
        if (BlobDigest is not null) return BlobDigest;
        await using var stored = OpenStored();
        return Digest.FromHash(await SHA256.HashDataAsync(stored, cancellationToken));
    }

    /// <summary>Returns a copy with the digest of the blob that is marked as verified, after the image was verified.</summary>
    public async Task<Layer> AsVerifiedAsync(CancellationToken cancellationToken) => AsVerified(await FindBlobDigestAsync(cancellationToken));

    /// <summary>Opens the uncompressed tar for random access: in the archive, or decompressed into a temporary file.</summary>
    /// <exception cref="InputException">The compressed data is damaged, truncated or a decompression bomb.</exception>
    /// <exception cref="MachineException">The disk is full, or a library for the compression is missing.</exception>
    public LayerContent Open(ScratchDirectory scratch, CancellationToken cancellationToken) =>
        Open(new Spool(scratch, SpoolLimits.Default), cancellationToken);

    /// <summary>
    /// Hashes the blob and the uncompressed tar in one pass, and compares them with the blob's digest and the diff ID.
    /// The decompressed data is not stored.
    /// </summary>
    /// <param name="read">Receives the numbers of blob bytes read, <see cref="StoredLength"/> in total; null for no reports.</param>
    /// <returns>The digest of the blob.</returns>
    /// <exception cref="InputException">A digest differs, or the compressed data is damaged or a bomb.</exception>
    public Task<Digest> VerifyAsync(IProgress<int>? read, CancellationToken cancellationToken) =>
        VerifyAsync(read, SpoolLimits.Default, cancellationToken);

    internal Task<Digest> VerifyAsync(IProgress<int>? read, SpoolLimits limits, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var stored = new HashingStream(OpenStored(), read);
        var diffId = Compression == CompressionFormat.None ? (Digest?)null : DigestOfUnpacked(stored, limits, cancellationToken);
        stored.Drain(cancellationToken);
        var digest = stored.Digest();
        RequireDigests(diffId ?? digest, digest);
        return digest;
    }, cancellationToken);

    /// <summary>Returns the blob after verifying its digest and its diff ID, unless the layer is already verified.</summary>
    /// <param name="received">Receives the numbers of bytes, <see cref="StoredLength"/> in total.</param>
    /// <exception cref="InputException">A digest differs, or the compressed data is damaged or a bomb.</exception>
    /// <exception cref="MachineException">A registry can't be reached, or the disk is full.</exception>
    internal virtual async Task<Blob> GetBlobAsync(IProgress<int> received, CancellationToken cancellationToken)
    {
        if (!IsVerified) return new(await VerifyAsync(received, cancellationToken), StoredContent);
        received.ReportAll(StoredLength);
        return new(BlobDigest!, StoredContent);
    }

    /// <summary>Compares digests with those of the config and the manifest.</summary>
    /// <exception cref="InputException">A digest differs.</exception>
    internal void RequireDigests(Digest diffId, Digest? stored)
    {
        if (diffId != DiffId) throw IsOther($"its content has diff ID {diffId} but the config says {DiffId}");
        if (BlobDigest is { } expected && stored is { } actual && actual != expected)
            throw IsOther($"the blob has the digest {actual} but the manifest says {expected}");
    }

    internal LayerContent Open(Spool spool, CancellationToken cancellationToken)
    {
        if (Compression == CompressionFormat.None
            && StoredContent is SourceContent { Source: var file, SourceOffset: var offset, Length: var length })
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
        // A decoder may end before the blob does. The blob stays open, so that the rest is hashed, too.
        using var unpacked = new GuardedStream(
            Decompression.Open(new KeepOpenStream(stored), Compression, Where), limits.For(StoredLength), Where);
        // Decompression takes the most time; its output is hashed in parallel.
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
