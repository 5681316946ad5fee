using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>What an archive of some images consists of, by member name; a directory has no content.</summary>
internal static class ArchiveMembers
{
    public const string Blobs = "blobs/sha256/";

    /// <summary>The members, sorted as <c>LC_ALL=C</c> sorts their names: the blobs come first.</summary>
    public static IEnumerable<KeyValuePair<string, FileContent?>> Of(IReadOnlyList<Image> images, string? refName, ArchiveFormat format)
    {
        var blobs = new NewBlobs();
        StoredImage[] stored = [.. images.Select(image => blobs.Store(image, refName))];
        var members = Layout(blobs.Contents, OciDocuments.EntriesOf(stored));
        if (format == ArchiveFormat.Hybrid) members.Add(DockerManifest.Name, new MemoryContent(DockerDocuments.Manifest(stored)));
        return members;
    }

    /// <summary>The members of an archive with one image, or with one index, that is written as it is.</summary>
    /// <exception cref="InputException">One of its names is no image's name.</exception>
    public static IEnumerable<KeyValuePair<string, FileContent?>> Of(CopiedImage image, IReadOnlyDictionary<Digest, FileContent> blobs, ArchiveFormat format)
    {
        var members = Layout(blobs, image.Entries);
        if (format != ArchiveFormat.Hybrid) return members;
        if (image.Root is not ImageManifest manifest) throw new ArgumentException("A docker-archive has no index.", nameof(format));
        members.Add(DockerManifest.Name, new MemoryContent(DockerDocuments.Manifest(image.NamesWithTags, manifest.Config, manifest.Layers)));
        return members;
    }

    private static SortedDictionary<string, FileContent?> Layout(IReadOnlyDictionary<Digest, FileContent> blobs, IReadOnlyList<LayoutEntry> entries)
    {
        var members = new SortedDictionary<string, FileContent?>(StringComparer.Ordinal) { ["blobs/"] = null, [Blobs] = null };
        foreach (var (digest, content) in blobs) members.Add(NameOf(digest), content);
        members.Add(LayoutIndex.VersionName, new MemoryContent(OciDocuments.Version()));
        members.Add(LayoutIndex.Name, new MemoryContent(OciDocuments.Index(entries)));
        return members;
    }

    /// <summary>The digest of the manifest that the image gets.</summary>
    public static Digest ManifestDigestOf(Image image) => new NewBlobs().Store(image, null).Manifest.Digest;

    /// <summary>The name under which the archive has a blob.</summary>
    public static string NameOf(Digest digest) => Blobs + digest.Hex;
}
