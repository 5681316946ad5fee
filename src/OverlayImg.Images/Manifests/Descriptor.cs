using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>What a document of an image says of a blob (image-spec, descriptor.md).</summary>
/// <param name="MediaType">What it is.</param>
/// <param name="Digest">Of its bytes.</param>
/// <param name="Size">Number of bytes.</param>
public sealed record Descriptor(string MediaType, Digest Digest, long Size)
{
    /// <summary>What an index says that the image is for; null where it does not say.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Other places to get the blob from; only of layers that may not be passed on.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>Remarks by name (image-spec, annotations.md).</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Why the entry of an index can't be read; null where it can. An entry with a problem has no media type, and is chosen by nobody.</summary>
    public InputException? Problem { get; private init; }

    /// <summary>
    /// Whether an index has it for the sake of another image: attestations stand beside the images that they attest, disguised as images for a
    /// platform that does not exist.
    /// </summary>
    public bool IsAttestation => Annotations.ContainsKey("vnd.docker.reference.type") || Platform is { OperatingSystem: "unknown", Architecture: "unknown" };

    /// <summary>Whether its type is OCI's.</summary>
    public bool IsOci => MediaTypes.IsOci(MediaType) == true;

    /// <summary>How a layer is compressed, as its type says; null where it is no layer of files.</summary>
    public CompressionFormat? LayerCompression => MediaTypes.CompressionOf(MediaType);

    /// <summary>Reads an entry of an index. An entry that can't be read keeps its place, with its <see cref="Problem"/>: another one may be wanted.</summary>
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

    /// <summary>Reads a descriptor; it becomes data before it is compared, or put in a path or a URL.</summary>
    /// <exception cref="InputException">A part is missing or no such thing.</exception>
    internal static Descriptor Read(JsonInput json) => new(json.Required("mediaType").Text(), json.Required("digest").Digest(), json.Required("size").Size())
    {
        Platform = json.Optional("platform") is { } platform ? Platform.Read(platform) : null,
        Urls = [.. json.Items("urls").Select(url => url.Text())],
        Annotations = (json.Optional("annotations")?.Members() ?? []).ToDictionary(member => member.Name, member => member.Value.Text(), StringComparer.Ordinal),
    };
}
