using OverlayImg.Images.Archives;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Layouts;

/// <summary>
/// Reads <c>index.json</c> of an OCI layout (OCI Image Specification, image-layout), in a directory or in a tar: the
/// <c>oci-archive</c> of skopeo and podman, the <c>type=oci</c> of <c>docker buildx</c>.
/// </summary>
internal static class LayoutIndex
{
    public const string Name = "index.json";
    public const string VersionName = "oci-layout";

    private const int MaximumVersionLength = 1 << 16;
    private const string Version = "1.0.0";

    /// <summary>Lists the images, each with all of its names. Manifests are not read yet.</summary>
    /// <exception cref="InputException">The index is missing, damaged or names no image, or the version is unknown.</exception>
    public static IReadOnlyList<ImageEntry> Read(ImageFiles files)
    {
        RequireVersion(files);
        var index = ReadIndex(files);
        var entries = Merge(Group(index.Manifests.Where(IsImage), files));
        if (entries.Count == 0) throw index.Unreadable.FirstOrDefault()?.Problem ?? new InputException("names no image", index.Where);
        return IsOneForPlatforms(entries) ? [new LayoutImage([.. entries.SelectMany(entry => entry.Descriptors)], files)] : entries;
    }

    public static ImageIndex ReadIndex(ImageFiles files)
    {
        var bytes = files.ReadAll(Name, ManifestDocument.MaximumLength);
        return (ImageIndex)ManifestDocument.Parse(bytes, MediaTypes.OciIndex, files.At(Name));
    }

    /// <summary>Throws for an unknown version. A missing version is accepted: old programs wrote none into archives.</summary>
    /// <exception cref="InputException">The version is not 1.0.0.</exception>
    public static void RequireVersion(ImageFiles files)
    {
        if (!files.Has(VersionName)) return;
        var version = JsonInput.Parse(files.ReadAll(VersionName, MaximumVersionLength), files.At(VersionName)).Required("imageLayoutVersion");
        if (version.Text() is var text && text != Version)
            throw version.Wrong($"is '{JsonInput.Printable(text)}'; only version {Version} is supported");
    }

    // Entries of unknown media types are ignored, as the specification demands.
    private static bool IsImage(Descriptor descriptor) =>
        !descriptor.IsAttestation && (MediaTypes.IsManifest(descriptor.MediaType) || MediaTypes.IsIndex(descriptor.MediaType));

    // Entries of the same name are the platforms of one image. Entries that share a tag but not the full name are
    // different images.
    private static List<LayoutImage> Group(IEnumerable<Descriptor> descriptors, ImageFiles files)
    {
        var groups = new List<LayoutImage>();
        var known = new Dictionary<(string? RefName, string? FullName, Digest?), LayoutImage>();
        foreach (var descriptor in descriptors)
        {
            var name = descriptor.Annotations.GetValueOrDefault(LayoutImage.RefName);
            var key = (name, descriptor.Annotations.GetValueOrDefault(LayoutImage.FullName), string.IsNullOrEmpty(name) ? descriptor.Digest : null);
            if (known.TryGetValue(key, out var group)) group.AddPlatform(descriptor);
            else groups.Add(known[key] = group = new([descriptor], files));
            group.AddNamesOf(descriptor);
        }

        return groups;
    }

    // One image has an entry for each of its names.
    private static List<LayoutImage> Merge(List<LayoutImage> groups)
    {
        var images = new List<LayoutImage>();
        var known = new Dictionary<string, LayoutImage>(StringComparer.Ordinal);
        foreach (var group in groups)
        {
            var digests = string.Join(' ', group.Descriptors.Select(descriptor => descriptor.Digest));
            if (known.TryAdd(digests, group)) images.Add(group);
            else known[digests].AddNamesOf(group);
        }

        return images;
    }

    // Some programs use index.json itself as the list of an image's platforms.
    private static bool IsOneForPlatforms(List<LayoutImage> entries) => entries.Count > 1
        && entries.TrueForAll(entry =>
            entry is { References.Count: 0, Descriptors: [{ Platform: not null } only] } && MediaTypes.IsManifest(only.MediaType))
        && entries.DistinctBy(entry => entry.Descriptors[0].Platform).Count() == entries.Count;
}
