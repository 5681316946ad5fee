using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>The members of an image archive by name; a directory has null content.</summary>
internal static class ArchiveMembers
{
    public const string Blobs = "blobs/sha256/";

    /// <summary>Lists the members, sorted by the bytes of their names, so that the blobs come first.</summary>
    /// <param name="images">The images; without indexes for <see cref="ArchiveFormat.Hybrid"/>.</param>
    /// <param name="blobs">All blobs and documents of the images, by digest.</param>
    /// <param name="format"><see cref="ArchiveFormat.Hybrid"/> or <see cref="ArchiveFormat.Oci"/>.</param>
    /// <exception cref="InputException">A name is not a valid image name.</exception>
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

    /// <summary>Returns the member name of a blob.</summary>
    public static string NameOf(Digest digest) => Blobs + digest.Hex;
}
