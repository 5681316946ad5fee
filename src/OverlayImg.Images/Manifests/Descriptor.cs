using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>A reference to a blob or a document: media type, digest and size (OCI Image Specification, descriptor).</summary>
/// <param name="MediaType">Media type of the content.</param>
/// <param name="Digest">Digest of the content.</param>
/// <param name="Size">Size of the content in bytes.</param>
public sealed record Descriptor(string MediaType, Digest Digest, long Size)
{
    /// <summary>The platform of the image according to the index; null for none.</summary>
    public Platform? Platform { get; init; }

    /// <summary>The URLs of a non-distributable layer.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>The annotations by name (OCI Image Specification, annotations).</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The problem of an unreadable index entry; null for a readable one. An unreadable entry has an empty media type,
    /// so that no platform selects it.
    /// </summary>
    public InputException? Problem { get; private init; }

    /// <summary>Whether an index entry is an attestation. BuildKit lists it as an image for the platform unknown/unknown.</summary>
    public bool IsAttestation =>
        Annotations.ContainsKey("vnd.docker.reference.type") || Platform is { OperatingSystem: "unknown", Architecture: "unknown" };

    /// <summary>Whether the media type is OCI's.</summary>
    public bool IsOci => MediaTypes.IsOci(MediaType) == true;

    /// <summary>The compression of a layer by its media type; null if the type is not a filesystem layer.</summary>
    public CompressionFormat? LayerCompression => MediaTypes.CompressionOf(MediaType);

    /// <summary>Reads an index entry. An unreadable entry gets a <see cref="Problem"/>, because others may be usable.</summary>
    internal static Descriptor ReadEntry(JsonInput json)
    {
        try
        {
            return Read(json);
        }
        catch (InputException exception)
        {
            return new("", Digest.Of([]), 0) { Problem = exception };
        }
    }

    /// <summary>Reads a descriptor and validates its digest and size.</summary>
    /// <exception cref="InputException">A member is missing or has the wrong type.</exception>
    internal static Descriptor Read(JsonInput json) => new(
        json.Required("mediaType").Text(), json.Required("digest").Digest(), json.Required("size").Size())
    {
        Platform = json.Optional("platform") is { } platform ? Platform.Read(platform) : null,
        Urls = [.. json.Items("urls").Select(url => url.Text())],
        Annotations = (json.Optional("annotations")?.Members() ?? [])
            .ToDictionary(member => member.Name, member => member.Value.Text(), StringComparer.Ordinal),
    };
}
