using OverlayImg.Images.Archives;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Layouts;

/// <summary>
/// Reads the table of contents of an OCI layout (image-spec, image-layout.md), in a directory or in a tar, as skopeo and podman write it for <c>oci-archive</c> and
/// <c>docker buildx</c> for <c>type=oci</c>: <c>index.json</c>, from there by digest.
/// </summary>
internal static class LayoutIndex
{
    public const string Name = "index.json";
    public const string VersionName = "oci-layout";

    private const int MaximumVersionLength = 1 << 16;
    private const string Version = "1.0.0";

    /// <summary>The images that it names, each with all its names; nothing of them is read yet.</summary>
    /// <exception cref="InputException">There is no sound index, or none that names an image; or the layout is of another version.</exception>
    public static IReadOnlyList<ImageEntry> Read(ImageFiles files)
    {
        RequireVersion(files);
        var index = ReadIndex(files);
        var entries = Merge(Group(index.Manifests.Where(IsImage), files));
        if (entries.Count == 0) throw index.Unreadable.FirstOrDefault()?.Problem ?? new InputException("names no image", index.Where);
        return IsOneForPlatforms(entries) ? [new LayoutImage([.. entries.SelectMany(entry => entry.Descriptors)], files)] : entries;
    }

    /// <summary><c>index.json</c> itself.</summary>
    public static ImageIndex ReadIndex(ImageFiles files)
    {
        var bytes = files.ReadAll(Name, ManifestDocument.MaximumLength);
        return (ImageIndex)ManifestDocument.Parse(bytes, MediaTypes.OciIndex, files.At(Name));
    }

    /// <summary>A layout that says no version is taken at its word: old programs wrote none into archives.</summary>
    /// <exception cref="InputException">It says another than the one that there is.</exception>
    public static void RequireVersion(ImageFiles files)
    {
        if (!files.Has(VersionName)) return;
        var version = JsonInput.Parse(files.ReadAll(VersionName, MaximumVersionLength), files.At(VersionName)).Required("imageLayoutVersion");
        if (version.Text() is var text && text != Version)
            throw version.Wrong($"is '{JsonInput.Printable(text)}'; the one version that is known is {Version}");
    }

    // What the specification does not know yet is to be passed over.
    private static bool IsImage(Descriptor descriptor) =>
        !descriptor.IsAttestation && (MediaTypes.IsManifest(descriptor.MediaType) || MediaTypes.IsIndex(descriptor.MediaType));

    // Under one name an image may come once for each platform. A tag alone is no name where the descriptors also have different full names.
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

    // An image comes once under each of its names.
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

    // Some programs take index.json itself for the list of an image's platforms.
    private static bool IsOneForPlatforms(List<LayoutImage> entries) => entries.Count > 1
        && entries.TrueForAll(entry => entry is { References.Count: 0, Descriptors: [{ Platform: not null } only] } && MediaTypes.IsManifest(only.MediaType))
        && entries.DistinctBy(entry => entry.Descriptors[0].Platform).Count() == entries.Count;
}
