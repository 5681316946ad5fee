using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>A manifest or an index, as it came: its bytes are what its digest is of.</summary>
public abstract class ManifestDocument
{
    /// <summary>The most that is read of one, in bytes: what registries accept, and more than any has.</summary>
    public const int MaximumLength = 4 << 20;

    private protected ManifestDocument(ReadOnlyMemory<byte> bytes, string mediaType, InputLocation where) =>
        (Bytes, MediaType, Where, Digest) = (bytes, mediaType, where, Digest.Of(bytes.Span));

    /// <summary>The document.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Its media type, OCI's or Docker's.</summary>
    public string MediaType { get; }

    /// <summary>Digest of <see cref="Bytes"/>.</summary>
    public Digest Digest { get; }

    /// <summary>Where it came from, for messages.</summary>
    public InputLocation Where { get; }

    /// <summary>Whether a document can be of this type.</summary>
    public static bool IsKnown(string mediaType) => MediaTypes.IsIndex(mediaType) || MediaTypes.IsManifest(mediaType);

    /// <summary>Whether it is OCI's; else it is Docker's (schema 2).</summary>
    public bool IsOci => MediaType is MediaTypes.OciManifest or MediaTypes.OciIndex;

    /// <summary>What an index says of it.</summary>
    public Descriptor Descriptor => new(MediaType, Digest, Bytes.Length);

    /// <summary>The index that named it tells of the same document.</summary>
    /// <exception cref="InputException">It says another size, or that it is something else.</exception>
    public void RequireDescribedBy(Descriptor entry)
    {
        if (entry.Size != Bytes.Length) throw new InputException($"has {Bytes.Length} bytes, but the index that names it says {entry.Size}", Where);
        if (entry.MediaType != MediaType)
            throw new InputException($"is '{MediaType}', but the index that names it says '{JsonInput.Printable(entry.MediaType)}'", Where);
    }

    /// <summary>Reads a document that may be either.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="mediaType">
    /// What its descriptor or its server says that it is; null where nobody says. Parameters behind a <c>;</c> do not count, and types that servers of plain files give to
    /// everything (<c>application/json</c>, <c>text/plain</c>, <c>application/octet-stream</c>) are as none.
    /// </param>
    /// <param name="where">For messages.</param>
    /// <exception cref="InputException">It is neither, or both (CVE-2021-41190), or says to be another than it was said to be, or of Docker's schema 1.</exception>
    public static ManifestDocument Parse(ReadOnlyMemory<byte> bytes, string? mediaType, InputLocation where)
    {
        if (bytes.Length > MaximumLength) throw new InputException($"has {bytes.Length} bytes; more than {MaximumLength} are not read", where);
        var root = JsonInput.Parse(bytes, where);
        if (!root.IsObject) throw root.Wrong("is no manifest: it is not an object");
        var said = Said(mediaType);
        var own = root.Text("mediaType") is { Length: > 0 } text ? text : null;
        if (root.Has("fsLayers") || MediaTypes.IsSchema1(said) || MediaTypes.IsSchema1(own))
            throw root.Wrong("is a manifest of Docker's schema 1, which is not supported", "Push the image again with a client of this decade.");
        if (root.Has("manifests") && (root.Has("layers") || root.Has("config"))) throw root.Wrong("is a manifest and an index at once");
        if (said is not null && own is not null && said != own)
            throw root.Wrong($"says to be '{JsonInput.Printable(own)}', but was said to be '{JsonInput.Printable(said)}'");
        var type = said ?? own ?? Sniff(root);
        if (MediaTypes.IsIndex(type)) return root.Has("layers") || root.Has("config") ? throw IsOther(root, "an index") : new ImageIndex(bytes, type, root, where);
        if (MediaTypes.IsManifest(type)) return root.Has("manifests") ? throw IsOther(root, "a manifest") : new ImageManifest(bytes, type, root, where);
        throw root.Wrong($"has the media type '{JsonInput.Printable(type)}', which is not that of an image");
    }

    private static InputException IsOther(JsonInput root, string what) => root.Wrong($"is not {what}, as its media type says");

    private static string? Said(string? mediaType)
    {
        var type = mediaType?.Split(';')[0].Trim();
        return type is null or "" or "application/json" or "text/plain" or "application/octet-stream" ? null : type;
    }

    // OCI's documents need not say what they are.
    private static string Sniff(JsonInput root)
    {
        if (root.Has("manifests")) return MediaTypes.OciIndex;
        if (!root.Has("config")) throw root.Wrong("is neither a manifest nor an index");
        return root.Optional("config")!.Text("mediaType") == MediaTypes.DockerConfig ? MediaTypes.DockerManifest : MediaTypes.OciManifest;
    }
}
