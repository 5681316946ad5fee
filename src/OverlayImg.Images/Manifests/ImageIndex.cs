using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>A list of images, mostly one for each platform (image-spec, image-index.md; Docker's manifest list is the same).</summary>
public sealed class ImageIndex : ManifestDocument
{
    /// <summary>More entries than any real one has.</summary>
    public const int MaximumEntries = 10_000;

    /// <summary>How deep indexes may lie in each other.</summary>
    public const int MaximumDepth = 8;

    internal ImageIndex(ReadOnlyMemory<byte> bytes, string mediaType, JsonInput root, InputLocation where)
        : base(bytes, mediaType, where)
    {
        var entries = root.Required("manifests").Items();
        if (entries.Count > MaximumEntries) throw root.Wrong($"has {entries.Count} entries; more than {MaximumEntries} are not read");
        Manifests = [.. entries.Select(Descriptor.ReadEntry)];
    }

    /// <summary>Whoever follows indexes into indexes comes to an end, whatever they say.</summary>
    /// <param name="depth">Of the index that is looked at; that of the outermost is 1.</param>
    /// <param name="documents">How many documents were read.</param>
    /// <param name="name">What messages call the image.</param>
    /// <exception cref="InputException">These are too many.</exception>
    public static void RequireBounds(int depth, int documents, string name)
    {
        if (depth > MaximumDepth) throw IndexWalk.TooDeep(new(name));
        if (documents > MaximumEntries) throw IndexWalk.TooMany(new(name));
    }

    /// <summary>Whether it lists documents of the other family of media types.</summary>
    public bool MixesFamilies => Manifests.Any(entry => MediaTypes.IsOci(entry.MediaType) == !IsOci);

    /// <summary>All entries, in their order; also those that can't be read.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; }

    /// <summary>The entries that are images, without attestations and indexes.</summary>
    public IEnumerable<Descriptor> Images => Manifests.Where(entry => MediaTypes.IsManifest(entry.MediaType) && !entry.IsAttestation);

    /// <summary>The entries that can't be read.</summary>
    public IEnumerable<Descriptor> Unreadable => Manifests.Where(entry => entry.Problem is not null);

    /// <summary>The indexes in it.</summary>
    public IEnumerable<Descriptor> Indexes => Manifests.Where(entry => MediaTypes.IsIndex(entry.MediaType));
}
