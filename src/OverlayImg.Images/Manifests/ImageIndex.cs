using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>An index of images for several platforms (OCI Image Specification, image-index), or Docker's manifest list.</summary>
public sealed class ImageIndex : ManifestDocument
{
    /// <summary>The most entries of an index, and the most documents that nested indexes lead to.</summary>
    public const int MaximumEntries = 10_000;

    /// <summary>The most levels of nested indexes.</summary>
    public const int MaximumDepth = 8;

    internal ImageIndex(ReadOnlyMemory<byte> bytes, string mediaType, JsonInput root, InputLocation where)
        : base(bytes, mediaType, where)
    {
        var entries = root.Required("manifests").Items();
        if (entries.Count > MaximumEntries) throw root.Wrong($"has {entries.Count} entries; more than {MaximumEntries} are not read");
        Manifests = [.. entries.Select(Descriptor.ReadEntry)];
    }

    /// <summary>Throws if a walk through nested indexes exceeds the limits, so that hostile indexes can't make it endless.</summary>
    /// <param name="depth">Level of the current index; the outermost index has level 1.</param>
    /// <param name="documents">Number of documents read so far.</param>
    /// <param name="name">Name of the image, for messages.</param>
    /// <exception cref="InputException">A limit is exceeded.</exception>
    public static void RequireBounds(int depth, int documents, string name)
    {
        if (depth > MaximumDepth) throw IndexWalk.TooDeep(new(name));
        if (documents > MaximumEntries) throw IndexWalk.TooMany(new(name));
    }

    /// <summary>Whether the index lists documents of the other family of media types.</summary>
    public bool MixesFamilies => Manifests.Any(entry => MediaTypes.IsOci(entry.MediaType) == !IsOci);

    /// <summary>All entries in their order, including unreadable ones.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; }

    /// <summary>The entries of manifests, without attestations and indexes.</summary>
    public IEnumerable<Descriptor> Images => Manifests.Where(entry => MediaTypes.IsManifest(entry.MediaType) && !entry.IsAttestation);

    /// <summary>The entries with a <see cref="Descriptor.Problem"/>.</summary>
    public IEnumerable<Descriptor> Unreadable => Manifests.Where(entry => entry.Problem is not null);

    /// <summary>The entries of nested indexes.</summary>
    public IEnumerable<Descriptor> Indexes => Manifests.Where(entry => MediaTypes.IsIndex(entry.MediaType));
}
