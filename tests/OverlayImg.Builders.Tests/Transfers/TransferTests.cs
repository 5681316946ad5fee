using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Transfers;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Transfers;

/// <summary>Copied blobs and documents match their digests, diff IDs and platforms, and have media types of one family.</summary>
public sealed class TransferTests : IDisposable
{
    private readonly CachedImages _images = new();

    public void Dispose() => _images.Dispose();

    [Theory]
    [InlineData("image.tar")]
    [InlineData("oci:layout")]
    public async Task A_present_layer_must_match_the_diff_ID_of_each_config(string output)
    {
        var layer = CachedImages.Layer("once");
        var others = Enumerable.Range(0, 20).Select(number => CachedImages.Layer($"layer {number}"));
        var refusal = await Assert.ThrowsAsync<InputException>(() => PullAsync(output, layer, others, (layer.Blob, Digest.Of("another"u8))));
        Assert.Contains("diff ID", refusal.Message, StringComparison.Ordinal);
        // A layout can have the layer from another image.
        await PullAsync(output, layer, []);
        await Assert.ThrowsAsync<InputException>(() => PullAsync(output, (layer.Blob, Digest.Of("another"u8)), []));
    }

    [Fact]
    public async Task A_requested_platform_must_be_that_of_the_config_with_or_without_an_index()
    {
        var image = await _images.AddAsync(isOci: true, CachedImages.Layer("amd64"));
        var said = $$"""{"mediaType":"{{image.MediaType}}","digest":"{{image.Digest}}","size":{{image.Bytes.Length}},"platform":""" +
            """{"os":"linux","architecture":"arm64"} }""";
        var index = await _images.AddDocumentAsync($$"""{"manifests":[{{said}}]}""", CachedImages.Oci + "index.v1+json");
        foreach (var document in new[] { image, index })
        {
            var refusal = await Assert.ThrowsAsync<InputException>(() => PullAsync(document.Digest, "image.tar", new("linux", "arm64")));
            Assert.Contains("is an image for linux/amd64, not for linux/arm64", refusal.Describe(), StringComparison.Ordinal);
        }

        Assert.Equal(image.Digest, (await PullAsync(image.Digest, "image.tar", new("linux", "amd64"))).ManifestDigest);
        // Without a requested platform, a single image is accepted with any platform.
        Assert.Equal(image.Digest, (await PullAsync(image.Digest, "image.tar", null)).ManifestDigest);
    }

    [Fact]
    public async Task The_cache_keeps_the_media_type_of_a_document()
    {
        var config = await _images.AddAsync("application/vnd.docker.container.image.v1+json", Encoding.UTF8.GetBytes("{}"));
        var document = await _images.AddDocumentAsync($$"""{"config":{{config}},"layers":[]}""", CachedImages.OciManifest);
        Assert.Equal(CachedImages.OciManifest, (await _images.Registry.GetDocumentAsync(CachedImages.Named(document.Digest), default)).MediaType);
    }

    [Fact]
    public async Task An_index_and_its_images_have_one_family_and_their_number_is_reported()
    {
        var attestation = await _images.AddDocumentAsync(
            $$"""{"config":{{await _images.AddAsync("application/vnd.oci.empty.v1+json", "{}"u8.ToArray())}},"layers":[]}""",
            CachedImages.OciManifest);
        var oci = await _images.AddAsync(isOci: true, CachedImages.Layer("oci"));
        var docker = await _images.AddAsync(isOci: false, CachedImages.Layer("docker"));
        var pure = await _images.AddIndexAsync(oci, attestation);
        var mixed = await _images.AddIndexAsync(pure, docker, oci);

        var (kept, warnings, result) = await CopyAllAsync(pure.Digest);
        Assert.Equal((pure.Digest, 1), (result.Root.Digest, result.Images));
        Assert.Empty(warnings);
        Assert.DoesNotContain(kept, document => document.MediaType.Contains("docker", StringComparison.Ordinal));

        (kept, warnings, result) = await CopyAllAsync(mixed.Digest);
        Assert.Equal(2, result.Images);
        Assert.All(kept.Append(result.Root), document =>
            Assert.DoesNotContain("docker", Encoding.UTF8.GetString(document.Bytes.Span), StringComparison.Ordinal));
        // A user who pinned the old digest needs to know the new digest.
        Assert.Contains(result.Root.Digest.ToString(), Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Contains(oci.Digest, kept.Select(document => document.Digest));
    }

    [Fact]
    public async Task Documents_of_the_Docker_family_alone_are_unchanged()
    {
        var docker = await _images.AddAsync(isOci: false, CachedImages.Layer("docker"));
        var (_, warnings, result) = await CopyAllAsync(docker.Digest);
        Assert.Equal(docker.Digest, result.Root.Digest);
        Assert.Empty(warnings);
    }

    [Fact]
    public async Task All_of_an_image_without_an_index_gives_an_archive_that_docker_loads()
    {
        var image = await _images.AddAsync(isOci: true, CachedImages.Layer("one"));
        foreach (var (digest, name) in new[] { (image.Digest, "one.tar"), ((await _images.AddIndexAsync(image)).Digest, "index.tar") })
        {
            await TestSession.RunAsync(_images.Cache, session => ImageCopy.RunAsync(new()
            {
                Source = new(new RegistryLocation(CachedImages.Named(digest), new()), null, null),
                Target = ImageOutput.Parse(_images[name]),
                All = true,
                Access = new(),
            }, session));
        }

        Assert.Equal("manifest.json\n", await Tool.BashAsync(
            $"tar -tf '{_images["one.tar"]}' | grep manifest.json; ! tar -tf '{_images["index.tar"]}' | grep manifest.json", _images[""]));
    }

    private async Task<(List<ManifestDocument> Documents, List<string> Warnings, TransferResult Result)> CopyAllAsync(Digest digest)
    {
        var warnings = new Warnings();
        var session = _images.Session with { Progress = warnings };
        var source = await RegistrySource.OpenAsync(CachedImages.Named(digest), null, all: true, _images.Registry, session);
        var destination = new Store();
        return (destination.Documents, warnings.Texts, await new ImageTransfer(source, destination, new(null, null), session).RunAsync());
    }

    private async Task PullAsync(string output, (byte[], Digest) first, IEnumerable<(byte[], Digest)> others, params (byte[], Digest)[] last) =>
        await PullAsync((await _images.AddAsync(isOci: true, [first, .. others, .. last])).Digest, output, null);

    private Task<ImagePullResult> PullAsync(Digest digest, string output, Platform? platform) => TestSession.RunAsync(
        _images.Cache, session => ImagePull.RunAsync(new()
        {
            Image = CachedImages.Named(digest),
            ImageName = "image",
            Platform = platform,
            Output = output.StartsWith("oci:", StringComparison.Ordinal)
                ? new LayoutOutput(_images[output[4..]])
                : new ArchiveOutput(TarDestination.Parse(_images[output]), ArchiveFormat.Hybrid),
            FinalName = new("image", "1"),
            Access = new(),
        }, session));

    private sealed class Warnings : IProgress<BuildEvent>
    {
        public List<string> Texts { get; } = [];

        public void Report(BuildEvent value)
        {
            if (value is Warning warning) Texts.Add(warning.Text);
        }
    }

    /// <summary>A destination that accepts all blobs and documents, as a registry does.</summary>
    private sealed class Store : TransferDestination
    {
        public List<ManifestDocument> Documents { get; } = [];

        public override bool TakesDocker => true;

        public override Task<bool> HasAsync(Descriptor blob, CancellationToken cancellationToken) => Task.FromResult(false);

        public override Task PutAsync(Descriptor blob, FileContent content, IProgress<int> sent, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public override Task PutAsync(ManifestDocument document, CancellationToken cancellationToken)
        {
            Documents.Add(document);
            return Task.CompletedTask;
        }

        public override Task<TransferredFile?> PublishAsync(IReadOnlyList<PublishedImage> images, CancellationToken cancellationToken) =>
            Task.FromResult<TransferredFile?>(null);
    }
}
