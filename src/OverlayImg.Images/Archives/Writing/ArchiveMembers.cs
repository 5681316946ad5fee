using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>What an archive of some images consists of, by member name; a directory has no content.</summary>
internal static class ArchiveMembers
{
    public const string Blobs = "blobs/sha256/";

    /// <summary>The members, sorted as <c>LC_ALL=C</c> sorts their names: the blobs come first.</summary>
    /// <param name="images">The images. A docker-archive has no index.</param>
    /// <param name="blobs">All blobs and documents of the images by their digests.</param>
    /// <param name="format"><see cref="ArchiveFormat.Hybrid"/> or <see cref="ArchiveFormat.Oci"/>.</param>
    /// <exception cref="InputException">A name is no image's name.</exception>
    public static IEnumerable<KeyValuePair<string, FileContent?>> Of(
        IReadOnlyList<PublishedImage> images, IReadOnlyDictionary<Digest, FileContent> blobs, ArchiveFormat format)
    {
        var members = new SortedDictionary<string, FileContent?>(StringComparer.Ordinal) { ["blobs/"] = null, [Blobs] = null };
        foreach (var (digest, content) in blobs) members.Add(NameOf(digest), content);
        members.Add(LayoutIndex.VersionName, new MemoryContent(OciDocuments.Version()));
        members.Add(LayoutIndex.Name, new MemoryContent(OciDocuments.Index(OciDocuments.EntriesOf(images))));
        if (format == ArchiveFormat.Hybrid) members.Add(DockerManifest.Name, new MemoryContent(DockerDocuments.Manifest(images)));
        return members;
    }

    /// <summary>The name under which the archive has a blob.</summary>
    public static string NameOf(Digest digest) => Blobs + digest.Hex;
}
