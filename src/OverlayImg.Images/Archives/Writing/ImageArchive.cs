using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Archives.Writing;

/// <summary>
/// Writes image archives as one uncompressed tar: sorted members, fixed times, owners and modes, every blob once. The same images give the same
/// bytes.
/// </summary>
public static class ImageArchive
{
    // Not 0, at which some programs complain of an implausible time.
    private static readonly Timestamp MemberTime = new(1);

    /// <summary>Writes the archive, end marker included. Blobs are read once and go straight through.</summary>
    /// <param name="images">At least one; their order is the archive's.</param>
    /// <param name="blobs">All blobs and documents of the images by their digests.</param>
    /// <param name="format"><see cref="ArchiveFormat.Hybrid"/> or <see cref="ArchiveFormat.Oci"/>; of an index the second.</param>
    /// <param name="output">Gets the tar.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">A blob's source changed or ends early; or a name is no image's name.</exception>
    /// <exception cref="ArgumentException">No images, another format, or an index in a docker-archive.</exception>
    public static void Write(IReadOnlyList<PublishedImage> images, IReadOnlyDictionary<Digest, FileContent> blobs, ArchiveFormat format, Stream output,
        CancellationToken cancellationToken)
    {
        if (format is not (ArchiveFormat.Hybrid or ArchiveFormat.Oci)) throw new ArgumentException("This is written elsewhere.", nameof(format));
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
