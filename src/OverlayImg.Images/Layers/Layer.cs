using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images;

/// <summary>A parent layer as it lies in an archive. Usable as long as the archive is open.</summary>
public sealed class Layer
{
    private readonly ByteSource _archive;
    private readonly ArchiveMember _member;

    internal Layer(ByteSource archive, ArchiveMember member, Digest diffId, Digest? blobDigest, InputLocation where)
    {
        (_archive, _member) = (archive, member);
        (DiffId, BlobDigest) = (diffId, blobDigest);
        Where = where with { Layer = JsonInput.Printable(member.Name) };
        Compression = ArchiveFile.FormatOf(archive, member.Offset, member.Length);
    }

    /// <summary>
    /// What the config says that its uncompressed tar's digest is; <see cref="LayerContent.VerifyAsync(CancellationToken)"/> finds out.
    /// </summary>
    public Digest DiffId { get; }

    /// <summary>What the manifest of an OCI layout says that the stored bytes' digest is; null in a docker-archive, which says nothing.</summary>
    public Digest? BlobDigest { get; }

    /// <summary>Its name in the archive.</summary>
    public string Member => _member.Name;

    /// <summary>How it is compressed, told by its first bytes.</summary>
    public CompressionFormat Compression { get; }

    /// <summary>Number of bytes in the archive.</summary>
    public long StoredLength => _member.Length;

    /// <summary>The bytes as they are stored.</summary>
    public FileContent StoredContent => new SourceContent(_archive, _member.Offset, _member.Length);

    /// <summary>The place to name in errors.</summary>
    public InputLocation Where { get; }

    /// <summary>Makes the uncompressed tar readable at random: where it lies in the archive, or decompressed into a temporary file.</summary>
    /// <exception cref="InputException">The compressed data is damaged, cut short, or a bomb.</exception>
    /// <exception cref="MachineException">The disk is full, or a library for the compression is missing.</exception>
    public Task<LayerContent> OpenAsync(ScratchDirectory scratch, CancellationToken cancellationToken) =>
        Task.Run(() => Open(new(scratch, SpoolLimits.Default), cancellationToken), cancellationToken);

    internal LayerContent Open(Spool spool, CancellationToken cancellationToken)
    {
        if (Compression == CompressionFormat.None) return new(this, _archive, _member.Offset, _member.Length, ownsSource: false);
        var source = spool.Decompress(OpenStored(), Compression, Where, cancellationToken);
        return new(this, source, 0, source.Length, ownsSource: true);
    }

    internal Stream OpenStored() => new SourceRangeStream(_archive, _member.Offset, _member.Length);
}
