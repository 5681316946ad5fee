using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>A manifest or an index with its original bytes, whose hash is its digest.</summary>
public abstract class ManifestDocument
{
    /// <summary>The largest document that is read, in bytes. Registries have the same limit.</summary>
    public const int MaximumLength = 4 << 20;

    private protected ManifestDocument(ReadOnlyMemory<byte> bytes, string mediaType, InputLocation where) =>
        (Bytes, MediaType, Where, Digest) = (bytes, mediaType, where, Digest.Of(bytes.Span));

    /// <summary>The bytes of the document.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The media type of the document, OCI's or Docker's.</summary>
    public string MediaType { get; }

    /// <summary>The digest of <see cref="Bytes"/>.</summary>
    public Digest Digest { get; }

    /// <summary>The location of the document, for messages.</summary>
    public InputLocation Where { get; }

    /// <summary>Whether the type is one of an index or a manifest.</summary>
    public static bool IsKnown(string mediaType) => MediaTypes.IsIndex(mediaType) || MediaTypes.IsManifest(mediaType);

    /// <summary>Whether the document is OCI's rather than Docker's (schema 2).</summary>
    public bool IsOci => MediaType is MediaTypes.OciManifest or MediaTypes.OciIndex;

    /// <summary>A descriptor of the document.</summary>
    public Descriptor Descriptor => new(MediaType, Digest, Bytes.Length);

    /// <summary>Compares the document with its entry in an index.</summary>
    /// <exception cref="InputException">The entry has another size or media type.</exception>
    public void RequireDescribedBy(Descriptor entry)
    {
        if (entry.Size != Bytes.Length) throw new InputException($"has {Bytes.Length} bytes, but the index that names it says {entry.Size}", Where);
        if (entry.MediaType != MediaType)
            throw new InputException($"is '{MediaType}', but the index that names it says '{JsonInput.Printable(entry.MediaType)}'", Where);
    }

    /// <summary>Parses a manifest or an index.</summary>
    /// <param name="bytes">The whole document.</param>
    /// <param name="mediaType">
    /// Media type in the descriptor or in the HTTP response; null for none. Parameters after a <c>;</c> are ignored,
    /// and so are the generic types of file servers (<c>application/json</c>, <c>text/plain</c>,
    /// <c>application/octet-stream</c>).
    /// </param>
    /// <exception cref="InputException">
    /// The document is neither, or both (CVE-2021-41190), contradicts <paramref name="mediaType"/>, or is of Docker's
    /// schema 1.
    /// </exception>
    public static ManifestDocument Parse(ReadOnlyMemory<byte> bytes, string? mediaType, InputLocation where)
    {
        if (bytes.Length > MaximumLength) throw new InputException($"has {bytes.Length} bytes; more than {MaximumLength} are not read", where);
        var root = JsonInput.Parse(bytes, where);
        if (!root.IsObject) throw root.Wrong("is not a manifest: its JSON is not an object");
        var declared = WithoutGeneric(mediaType);
        var own = root.Text("mediaType") is { Length: > 0 } text ? text : null;
        if (root.Has("fsLayers") || MediaTypes.IsSchema1(declared) || MediaTypes.IsSchema1(own))
            throw root.Wrong("is a manifest of Docker's schema 1, which is not supported", "Push the image again with a current client.");
        if (root.Has("manifests") && (root.Has("layers") || root.Has("config"))) throw root.Wrong("is a manifest and an index at once");
        if (declared is not null && own is not null && declared != own)
        {
            throw root.Wrong(
                $"has the media type '{JsonInput.Printable(own)}', but its descriptor or server says '{JsonInput.Printable(declared)}'");
        }

        var type = declared ?? own ?? Sniff(root);
        if (MediaTypes.IsIndex(type))
            return root.Has("layers") || root.Has("config") ? throw IsOther(root, "an index") : new ImageIndex(bytes, type, root, where);
        if (MediaTypes.IsManifest(type))
            return root.Has("manifests") ? throw IsOther(root, "a manifest") : new ImageManifest(bytes, type, root, where);
        throw root.Wrong($"has the media type '{JsonInput.Printable(type)}', which is not that of an image");
    }

    private static InputException IsOther(JsonInput root, string what) => root.Wrong($"is not {what}, as its media type says");

    private static string? WithoutGeneric(string? mediaType)
    {
        var type = mediaType?.Split(';')[0].Trim();
        return type is null or "" or "application/json" or "text/plain" or "application/octet-stream" ? null : type;
    }

    // OCI documents may leave out their media type.
    private static string Sniff(JsonInput root)
    {
        if (root.Has("manifests")) return MediaTypes.OciIndex;
        if (!root.Has("config")) throw root.Wrong("is neither a manifest nor an index");
        return root.Optional("config")!.Text("mediaType") == MediaTypes.DockerConfig ? MediaTypes.DockerManifest : MediaTypes.OciManifest;
    }
}
