using System.IO.Compression;
using System.Text;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Transfers;

/// <summary>Images of a registry that nobody has to ask: all their blobs are in a cache.</summary>
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

    /// <summary>What is named by the digest.</summary>
    public static RegistryReference Named(Digest digest) => RegistryReference.Parse($"localhost:1/image@{digest}");

    /// <summary>A layer: its blob, and what it unpacks to.</summary>
    public static (byte[] Blob, Digest DiffId) Layer(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return (packed.ToArray(), Digest.Of(bytes));
    }

    /// <summary>An image for amd64.</summary>
    /// <param name="isOci">Whether its documents are OCI's or Docker's.</param>
    /// <param name="layers">Its layers with the diff IDs that the config says.</param>
    public async Task<ManifestDocument> AddAsync(bool isOci, params (byte[] Blob, Digest DiffId)[] layers)
    {
        var (config, layer) = isOci
            ? (Oci + "config.v1+json", Oci + "layer.v1.tar+gzip")
            : ("application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip");
        var diffIds = string.Join(',', layers.Select(one => $"\"{one.DiffId}\""));
        var configText = $$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[{{diffIds}}]} }""";
        var parts = new List<string>();
        foreach (var (blob, _) in layers) parts.Add(await AddAsync(layer, blob));
        return await AddDocumentAsync(
            $$"""{"schemaVersion":2,"config":{{await AddAsync(config, Encoding.UTF8.GetBytes(configText))}},"layers":[{{string.Join(',', parts)}}]}""", isOci ? OciManifest : DockerManifest);
    }

    /// <summary>An index.</summary>
    public Task<ManifestDocument> AddIndexAsync(params ManifestDocument[] documents) => AddDocumentAsync(
        $$"""{"schemaVersion":2,"manifests":[{{string.Join(',', documents.Select(document => Descriptor(document.MediaType, document.Digest, document.Bytes.Length)))}}]}""", Oci + "index.v1+json");

    /// <summary>A manifest or an index, which need not say what it is.</summary>
    public async Task<ManifestDocument> AddDocumentAsync(string text, string mediaType)
    {
        var document = ManifestDocument.Parse(Encoding.UTF8.GetBytes(text), mediaType, new("a test"));
        await _blobs.AddAsync(document, default);
        return document;
    }

    /// <summary>A blob, described.</summary>
    public async Task<string> AddAsync(string mediaType, byte[] blob)
    {
        await _blobs.AddAsync(Digest.Of(blob), blob, default);
        return Descriptor(mediaType, Digest.Of(blob), blob.Length);
    }

    private static string Descriptor(string mediaType, Digest digest, int size) => $$"""{"mediaType":"{{mediaType}}","digest":"{{digest}}","size":{{size}}}""";
}
