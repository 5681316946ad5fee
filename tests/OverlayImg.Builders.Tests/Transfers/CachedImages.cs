using System.IO.Compression;
using System.Text;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Transfers;

/// <summary>Images of a registry that needs no network: all blobs of the images are in a cache.</summary>
internal sealed class CachedImages : IDisposable
{
    public const string Oci = "application/vnd.oci.image.";
    public const string OciManifest = Oci + "manifest.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    private readonly TemporaryDirectory _directory = new();
    private readonly Lifetime _lifetime = new();
    private readonly BlobCache _blobs;

    public CachedImages()
    {
        Session = TestSession.Of(_lifetime, Cache);
        _blobs = new(Session.Cache);
        Registry = CachedRegistry.Create(new(), Session);
    }

    public string this[string name] => _directory[name];

    public string Cache => _directory["cache"];

    public Session Session { get; }

    public CachedRegistry Registry { get; }

    public void Dispose()
    {
        _lifetime.Dispose();
        _directory.Dispose();
    }

    /// <summary>Returns a reference to the document with the digest.</summary>
    public static RegistryReference Named(Digest digest) => RegistryReference.Parse($"localhost:1/image@{digest}");

    /// <summary>Returns the gzip-compressed blob of a layer and the diff ID of the layer.</summary>
    public static (byte[] Blob, Digest DiffId) Layer(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return (packed.ToArray(), Digest.Of(bytes));
    }

    /// <summary>Adds an image for amd64.</summary>
    /// <param name="isOci">True for documents with OCI's media types, false for Docker's.</param>
    /// <param name="layers">The layers' blobs, and the diff IDs of the config, which need not match the blobs.</param>
    public async Task<ManifestDocument> AddAsync(bool isOci, params (byte[] Blob, Digest DiffId)[] layers)
    {
        var (config, layer) = isOci
            ? (Oci + "config.v1+json", Oci + "layer.v1.tar+gzip")
            : ("application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip");
        var diffIds = string.Join(',', layers.Select(one => $"\"{one.DiffId}\""));
        var configText = $$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[{{diffIds}}]} }""";
        var parts = new List<string>();
        foreach (var (blob, _) in layers) parts.Add(await AddAsync(layer, blob));
        var configPart = await AddAsync(config, Encoding.UTF8.GetBytes(configText));
        return await AddDocumentAsync(
            $$"""{"schemaVersion":2,"config":{{configPart}},"layers":[{{string.Join(',', parts)}}]}""", isOci ? OciManifest : DockerManifest);
    }

    /// <summary>Adds an index of the documents.</summary>
    public Task<ManifestDocument> AddIndexAsync(params ManifestDocument[] documents)
    {
        var manifests = documents.Select(document => Descriptor(document.MediaType, document.Digest, document.Bytes.Length));
        return AddDocumentAsync($$"""{"schemaVersion":2,"manifests":[{{string.Join(',', manifests)}}]}""", Oci + "index.v1+json");
    }

    /// <summary>Adds a manifest or an index. The text need not contain the media type.</summary>
    public async Task<ManifestDocument> AddDocumentAsync(string text, string mediaType)
    {
        var document = ManifestDocument.Parse(Encoding.UTF8.GetBytes(text), mediaType, new("a test"));
        await _blobs.AddAsync(document, default);
        return document;
    }

    /// <summary>Adds a blob and returns the JSON of the blob's descriptor.</summary>
    public async Task<string> AddAsync(string mediaType, byte[] blob)
    {
        await _blobs.AddAsync(Digest.Of(blob), blob, default);
        return Descriptor(mediaType, Digest.Of(blob), blob.Length);
    }

    private static string Descriptor(string mediaType, Digest digest, int size) =>
        $$"""{"mediaType":"{{mediaType}}","digest":"{{digest}}","size":{{size}}}""";
}
