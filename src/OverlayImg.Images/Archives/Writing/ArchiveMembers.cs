using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>What an archive of some images consists of, by member name; a directory has no content.</summary>
internal static class ArchiveMembers
{
    public const string Blobs = "blobs/sha256/";

    /// <summary>The members, sorted as <c>LC_ALL=C</c> sorts their names: the blobs come first.</summary>
    public static IEnumerable<KeyValuePair<string, FileContent?>> Of(IReadOnlyList<NewImage> images, ArchiveFormat format)
    {
        var blobs = new NewBlobs();
        StoredImage[] stored = [.. images.Select(blobs.Store)];
        var members = new SortedDictionary<string, FileContent?>(StringComparer.Ordinal) { ["blobs/"] = null, [Blobs] = null };
        foreach (var (digest, content) in blobs.Contents) members.Add(NameOf(digest), content);
        members.Add(LayoutIndex.VersionName, new MemoryContent(OciDocuments.Version()));
        members.Add(LayoutIndex.Name, new MemoryContent(OciDocuments.Index(OciDocuments.EntriesOf(stored))));
        if (format == ArchiveFormat.Hybrid) members.Add(DockerManifest.Name, new MemoryContent(DockerDocuments.Manifest(stored)));
        return members;
    }

    /// <summary>The digest of the manifest that the image gets.</summary>
    public static Digest ManifestDigestOf(NewImage image) => new NewBlobs().Store(image).Manifest.Digest;

    /// <summary>The name under which the archive has a blob.</summary>
    public static string NameOf(Digest digest) => Blobs + digest.Hex;
}
