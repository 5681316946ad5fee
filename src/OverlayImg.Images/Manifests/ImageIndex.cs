namespace OverlayImg.Images;

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
        Manifests = [.. entries.Select(Descriptor.Read)];
    }

    /// <summary>All entries, in their order.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; }

    /// <summary>The entries that are images, without attestations and indexes.</summary>
    public IEnumerable<Descriptor> Images => Manifests.Where(entry => MediaTypes.IsManifest(entry.MediaType) && !entry.IsAttestation);

    /// <summary>The indexes in it.</summary>
    public IEnumerable<Descriptor> Indexes => Manifests.Where(entry => MediaTypes.IsIndex(entry.MediaType));
}
