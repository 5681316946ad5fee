namespace OverlayImg.Images;

/// <summary>An image, or an index with its images, that is written as it is: its documents and blobs are elsewhere, and keep every byte.</summary>
public sealed record CopiedImage
{
    /// <summary>The manifest or index; OCI's.</summary>
    public required ManifestDocument Root { get; init; }

    /// <summary>What a single image is for, as its config says; null where it does not say, and of an index.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Its names; one without a tag gets <c>latest</c>.</summary>
    public required IReadOnlyList<ImageReference> References { get; init; }

    /// <summary>The name that an OCI layout gets for it, whatever its other names are; null for one from each of those.</summary>
    public string? RefName { get; init; }

    /// <summary>For whoever wants to know before anything is fetched.</summary>
    /// <exception cref="InputException">A name is no image's name.</exception>
    public static void RequireNames(IReadOnlyList<ImageReference> references, string? refName)
    {
        foreach (var reference in references) reference.RequireWritable();
        if (refName is not null) new ImageReference("", refName).RequireWritable();
    }

    /// <summary>Its entries in a layout's index.</summary>
    /// <exception cref="InputException">A name is no image's name.</exception>
    public IReadOnlyList<LayoutEntry> Entries
    {
        get
        {
            RequireNames(References, RefName);
            return [.. OciDocuments.EntriesOf(Root.Descriptor with { Platform = Platform }, NamesWithTags, RefName, [])];
        }
    }

    /// <summary>The names, each with its tag.</summary>
    internal IReadOnlyList<ImageReference> NamesWithTags => [.. References.Select(reference => reference.WithTag).Distinct()];
}
