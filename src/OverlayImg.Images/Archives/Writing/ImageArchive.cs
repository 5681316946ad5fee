using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>
/// Writes image archives as uncompressed tars with sorted members, fixed times, owners and modes, and each blob once.
/// Equal images give equal bytes.
/// </summary>
public static class ImageArchive
{
    // One second, because some programs report the time 0 as implausible.
    private static readonly Timestamp MemberTime = new(1);

    /// <summary>Writes the archive including the end marker. Each blob is read once and streamed to the output.</summary>
    /// <param name="images">At least one image; the archive lists the images in this order.</param>
    /// <param name="blobs">All blobs and documents of the images, by digest.</param>
    /// <param name="format"><see cref="ArchiveFormat.Hybrid"/> or <see cref="ArchiveFormat.Oci"/>; an index needs the latter.</param>
    /// <exception cref="InputException">The source of a blob changed or ends early, or a name is not a valid image name.</exception>
    /// <exception cref="ArgumentException">There is no image, another format, or an index for a docker-archive.</exception>
    public static void Write(
        IReadOnlyList<PublishedImage> images,
        IReadOnlyDictionary<Digest, FileContent> blobs,
        ArchiveFormat format,
        Stream output,
        CancellationToken cancellationToken)
    {
        if (format is not (ArchiveFormat.Hybrid or ArchiveFormat.Oci))
            throw new ArgumentException("Only the formats Hybrid and Oci are written here.", nameof(format));
        if (images.Count == 0) throw new ArgumentException("An archive holds at least one image.", nameof(images));
        Write(MembersOf(images, blobs, format), output, cancellationToken);
    }

    // Sorted as LC_ALL=C sorts the names: the blobs come first. A directory has no content.
    private static SortedDictionary<string, FileContent?> MembersOf(
        IReadOnlyList<PublishedImage> images, IReadOnlyDictionary<Digest, FileContent> blobs, ArchiveFormat format)
    {
        var members = new SortedDictionary<string, FileContent?>(StringComparer.Ordinal) { ["blobs/"] = null, [ArchiveMembers.Blobs] = null };
        foreach (var (digest, content) in blobs) members.Add(ArchiveMembers.NameOf(digest), content);
        members.Add(LayoutIndex.VersionName, new MemoryContent(OciDocuments.Version()));
        members.Add(LayoutIndex.Name, new MemoryContent(OciDocuments.Index(OciDocuments.EntriesOf(images))));
        if (format == ArchiveFormat.Hybrid) members.Add(DockerManifest.Name, new MemoryContent(DockerDocuments.Manifest(images)));
        return members;
    }

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

    private static TarMember MemberOf(string name, FileContent? content) => new()
    {
        Name = ByteString.FromText(name),
        TypeFlag = content is null ? TarTypeFlag.Directory : TarTypeFlag.RegularFile,
        Permissions = content is null ? 0x1ED /* 0755 */ : 0x1A4 /* 0644 */,
        Size = content?.Length ?? 0,
        ModificationTime = MemberTime,
    };
}
