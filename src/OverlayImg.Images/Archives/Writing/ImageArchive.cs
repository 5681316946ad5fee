using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images;

/// <summary>
/// Writes image archives as one uncompressed tar: sorted members, fixed times, owners and modes, every blob once. The same images give the same
/// bytes.
/// </summary>
public static class ImageArchive
{
    // Not 0, at which some programs complain of an implausible time.
    private static readonly Timestamp MemberTime = new(1);

    /// <summary>Writes the archive, end marker included. Layers are read once and go straight through.</summary>
    /// <param name="images">At least one; their order is the archive's.</param>
    /// <param name="refName">The name that the layout gets for the one image (<c>org.opencontainers.image.ref.name</c>); null for names from the images' own.</param>
    /// <param name="format"><see cref="ArchiveFormat.Hybrid"/> or <see cref="ArchiveFormat.Oci"/>.</param>
    /// <param name="output">Gets the tar.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">A layer's source changed or ends early; or a name is no image's name.</exception>
    /// <exception cref="ArgumentException">No images, another format, or layers that are not the config's.</exception>
    public static void Write(
        IReadOnlyList<Image> images, string? refName, ArchiveFormat format, Stream output, CancellationToken cancellationToken)
    {
        if (format is not (ArchiveFormat.Hybrid or ArchiveFormat.Oci)) throw new ArgumentException("This is written elsewhere.", nameof(format));
        if (images.Count == 0) throw new ArgumentException("An archive holds at least one image.", nameof(images));
        Write(ArchiveMembers.Of(images, refName, format), output, cancellationToken);
    }

    /// <summary>Writes an archive with one image, or one index, as it is.</summary>
    /// <param name="image">What it is.</param>
    /// <param name="blobs">All its blobs and documents, by their digests; read once each.</param>
    /// <param name="format"><see cref="ArchiveFormat.Hybrid"/> or <see cref="ArchiveFormat.Oci"/>; of an index the second.</param>
    /// <param name="output">Gets the tar.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">A blob's source changed or ends early; or a name is no image's name.</exception>
    public static void Write(
        CopiedImage image, IReadOnlyDictionary<Digest, FileContent> blobs, ArchiveFormat format, Stream output, CancellationToken cancellationToken) =>
        Write(ArchiveMembers.Of(image, blobs, format), output, cancellationToken);

    private static void Write(IEnumerable<KeyValuePair<string, FileContent?>> members, Stream output, CancellationToken cancellationToken)
    {
        using var tar = new TarWriter(output);
        foreach (var (name, content) in members)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tar.Write(MemberOf(name, content), content ?? FileContent.Empty, cancellationToken);
        }

        tar.Complete();
    }

    /// <summary>The digest of the image's manifest: what registries call the image, if they store it as it is.</summary>
    public static Digest ManifestDigestOf(Image image) => ArchiveMembers.ManifestDigestOf(image);

    /// <summary>What the user should know of who can't load the images; sentences.</summary>
    public static IEnumerable<string> WarningsOf(IReadOnlyList<Image> images)
    {
        var count = images.SelectMany(image => image.Layers).Where(layer => layer.Compression == CompressionFormat.Zstd)
            .DistinctBy(layer => layer.BlobDigest).Count();
        if (count > 0) yield return $"{Counted.Of(count, "layer is", "layers are")} compressed by zstd, which Docker before version 23 can't load.";
    }

    private static TarMember MemberOf(string name, FileContent? content) => new()
    {
        Name = ByteString.FromText(name),
        TypeFlag = content is null ? TarTypeFlag.Directory : TarTypeFlag.RegularFile,
        Permissions = content is null ? 0x1ED /* 0755 */ : 0x1A4 /* 0644 */,
        Size = content?.Length ?? 0,
        ModificationTime = MemberTime,
    };
}
