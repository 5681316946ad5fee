using System.Text;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Tests.Transfers;

/// <summary>A registry gets documents of the family of media types that the registry accepts, or of the family that the user chooses.</summary>
public sealed class DocumentFamilyTests : IDisposable
{
    private const string Oci = "application/vnd.oci.";
    private const string Docker = "application/vnd.docker.";

    private readonly CachedImages _images = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _images.Dispose();

    [Theory]
    [InlineData(true, 415, "")]
    [InlineData(false, 415, "")]
    [InlineData(true, 400, """{"errors":[{"code":"MANIFEST_INVALID","message":"manifest invalid"}]}""")]
    [InlineData(true, 400, """{"errors":[{"code":"UNKNOWN","message":"unsupported media type"}]}""")]
    public async Task A_registry_that_refuses_a_family_gets_the_other_and_the_new_digest_is_reported(bool isOci, int status, string body)
    {
        var (refused, taken) = isOci ? (Oci, Docker) : (Docker, Oci);
        using var registry = Refusing(refused, status, body);
        var image = await _images.AddAsync(isOci, CachedImages.Layer("one"), CachedImages.Layer("two"));
        var result = await CopyAsync(registry, image.Digest);
        var (mediaType, bytes) = registry.Documents["1"];
        Assert.StartsWith(taken, mediaType, StringComparison.Ordinal);
        Assert.DoesNotContain(refused, Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal((Digest.Of(bytes), 2, 0), (result.Digest, result.Copied, result.There));
        Assert.NotEqual(image.Digest, result.Digest);
        Assert.Contains(result.Digest.ToString(), Assert.Single(_warnings), StringComparison.Ordinal);
        // Each blob is sent only once.
        Assert.Equal(3, registry.Lines.Count(line => line.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_index_is_converted_with_its_images_and_losses_are_reported()
    {
        using var registry = Refusing(Oci, 415, "");
        var image = await _images.AddAsync(isOci: true, CachedImages.Layer("one"));
        var artifact = await ArtifactAsync();
        var index = await _images.AddIndexAsync(image, artifact);
        var result = await CopyAsync(registry, index.Digest, all: true);
        Assert.Equal((MediaTypeOf("manifest.list.v2+json"), 1), (result.MediaType, result.Images));
        Assert.All(registry.Documents.Values, document => Assert.StartsWith(Docker, document.MediaType, StringComparison.Ordinal));
        Assert.Contains(_warnings, warning =>
            warning.Contains("1 of", StringComparison.Ordinal) && warning.Contains("left out", StringComparison.Ordinal));
        Assert.Contains(_warnings, warning => warning.Contains(result.Digest.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_error_of_a_registry_that_refuses_both_families_is_reported()
    {
        static string Which(string type) => type.StartsWith(Oci, StringComparison.Ordinal) ? "first" : "second";
        using var registry = new RefusingRegistry(type => (400, $$"""{"errors":[{"code":"MANIFEST_INVALID","message":"no {{Which(type)}}"}]}"""));
        var image = await _images.AddAsync(isOci: true, CachedImages.Layer("one"));
        var error = await Assert.ThrowsAsync<InputException>(() => CopyAsync(registry, image.Digest));
        Assert.Contains("no first", error.Describe(), StringComparison.Ordinal);
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_chosen_family_is_written_or_refused(bool isOci)
    {
        var (wanted, prefix) = isOci ? (ManifestFamily.Docker, Docker) : (ManifestFamily.Oci, Oci);
        var image = await _images.AddAsync(isOci, CachedImages.Layer("one"));
        using (var registry = new RefusingRegistry(_ => null))
        {
            await CopyAsync(registry, image.Digest, family: wanted);
            Assert.StartsWith(prefix, registry.Documents["1"].MediaType, StringComparison.Ordinal);
        }

        using var refusing = Refusing(prefix, 415, "");
        await Assert.ThrowsAsync<InputException>(() => CopyAsync(refusing, image.Digest, family: wanted));
        Assert.Empty(refusing.Documents);
    }

    [Fact]
    public async Task An_artifact_is_copied_alone_and_never_converted_to_the_Docker_family()
    {
        var artifact = await ArtifactAsync();
        using var registry = new RefusingRegistry(_ => null);
        var result = await CopyAsync(registry, artifact.Digest);
        Assert.Equal((artifact.Digest, 0), (result.Digest, result.Images));
        await Assert.ThrowsAsync<InputException>(() => CopyAsync(registry, artifact.Digest, family: ManifestFamily.Docker));
        using var refusing = Refusing(Oci, 415, "");
        var error = await Assert.ThrowsAsync<InputException>(() => CopyAsync(refusing, artifact.Digest));
        Assert.Contains("415", error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_annotation_is_never_lost_in_a_conversion()
    {
        var image = await _images.AddAsync(isOci: false, CachedImages.Layer("one"));
        var annotations = new Dictionary<string, string> { ["org.example.note"] = "x" };
        using (var registry = new RefusingRegistry(_ => null))
        {
            await CopyAsync(registry, image.Digest, annotations: annotations);
            var (mediaType, bytes) = registry.Documents["1"];
            Assert.StartsWith(Oci, mediaType, StringComparison.Ordinal);
            Assert.Contains("\"org.example.note\":\"x\"", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        }

        using var refusing = Refusing(Oci, 415, "");
        await Assert.ThrowsAsync<InputException>(() => CopyAsync(refusing, image.Digest, annotations: annotations));
        Assert.Empty(refusing.Documents);
    }

    // crane and skopeo also take the digest of the bytes.
    [Fact]
    public async Task A_wrong_digest_in_the_response_to_HEAD_is_ignored()
    {
        using var registry = new RefusingRegistry(_ => null) { WrongDigest = Digest.Of("another"u8) };
        var image = await _images.AddAsync(isOci: true, CachedImages.Layer("one"));
        registry.Documents["1"] = (image.MediaType, image.Bytes.ToArray());
        var source = await RegistrySource.OpenAsync(
            RegistryReference.Parse($"{registry.Name}:1"), null, all: false, _images.Registry, _images.Session);
        Assert.Equal(image.Digest, source.Image.Digest);
    }

    private static string MediaTypeOf(string rest) => $"{Docker}distribution.{rest}";

    private static RefusingRegistry Refusing(string family, int status, string body) =>
        new(type => type.StartsWith(family, StringComparison.Ordinal) ? (status, body) : null);

    private async Task<ManifestDocument> ArtifactAsync()
    {
        var config = await _images.AddAsync("application/vnd.cncf.helm.config.v1+json", "{}"u8.ToArray());
        var chart = await _images.AddAsync("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "chart"u8.ToArray());
        return await _images.AddDocumentAsync(
            $$"""{"schemaVersion":2,"config":{{config}},"layers":[{{chart}}]}""", CachedImages.OciManifest);
    }

    private Task<ImageCopyResult> CopyAsync(RefusingRegistry registry, Digest digest, bool all = false, ManifestFamily? family = null,
        Dictionary<string, string>? annotations = null) => TestSession.RunAsync(
        _images.Cache, session => ImageCopy.RunAsync(new()
        {
            Source = new(new RegistryLocation(CachedImages.Named(digest), new()), null, null),
            Target = ImageOutput.Parse($"docker://{registry.Name}:1"),
            All = all,
            Family = family,
            Annotations = annotations ?? [],
            Access = new(),
        }, session), new Listener(_warnings));

    private sealed class Listener(List<string> warnings) : IProgress<BuildEvent>
    {
        public void Report(BuildEvent value)
        {
            if (value is Warning warning) warnings.Add(warning.Text);
        }
    }
}
