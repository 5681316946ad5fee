using System.Text;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Tests;

public sealed class ManifestDocumentTests
{
    private const string Oci = "application/vnd.oci.image.";
    private const string Docker = "application/vnd.docker.distribution.manifest.";
    private const string Config = "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"size\":2," +
        "\"digest\":\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"}";
    private static readonly string Huge = Config.Replace("\"size\":2", "\"size\":5000000000000000000", StringComparison.Ordinal);
    private static readonly string DockerConfig = Config.Replace("oci.image.config.v1", "docker.container.image.v1", StringComparison.Ordinal);

    public static TheoryData<string, string?, string> Sound => new()
    {
        { $$"""{"config":{{Config}},"layers":[]}""", null, Oci + "manifest.v1+json" },
        { $$"""{"config":{{Config}},"layers":[]}""", "application/json", Oci + "manifest.v1+json" },
        { $$"""{"config":{{Config}},"layers":[]}""", Oci + "manifest.v1+json; charset=utf-8", Oci + "manifest.v1+json" },
        { $$"""{"config":{{DockerConfig}},"layers":[]}""", "text/plain", Docker + "v2+json" },
        { $$"""{"config":{{Config}},"layers":null,"mediaType":""}""", Docker + "v2+json", Docker + "v2+json" },
        { """{"manifests":[]}""", null, Oci + "index.v1+json" },
        { """{"manifests":[],"layers":null}""", Docker + "list.v2+json", Docker + "list.v2+json" },
    };

    [Theory]
    [MemberData(nameof(Sound))]
    public void The_media_type_comes_from_the_header_or_the_document_or_its_members(string text, string? said, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var document = ManifestDocument.Parse(bytes, said, new("m"));
        Assert.Equal((expected, Digest.Of(bytes), expected.Contains("oci", StringComparison.Ordinal)),
            (document.MediaType, document.Digest, document.IsOci));
    }

    public static TheoryData<string, string?, string> Unsound => new()
    {
        { "[]", null, "is not a manifest: its JSON is not an object" },
        { "{}", null, "is neither a manifest nor an index" },
        { """{"manifests":[],"config":{}}""", null, "is a manifest and an index at once" },
        { """{"manifests":[],"layers":[]}""", Oci + "index.v1+json", "is a manifest and an index at once" },
        { """{"layers":[]}""", Oci + "index.v1+json", "is not an index, as its media type says" },
        { """{"manifests":[]}""", Oci + "manifest.v1+json", "is not a manifest, as its media type says" },
        { $$"""{"mediaType":"{{Oci}}index.v1+json","manifests":[]}""", Oci + "manifest.v1+json", "but its descriptor or server says" },
        { """{"schemaVersion":1,"fsLayers":[]}""", null, "schema 1" },
        { """{"schemaVersion":1}""", Docker + "v1+prettyjws", "schema 1" },
        { """{"mediaType":"text/html\u001b"}""", null, "which is not that of an image" },
        { """{"config":{"mediaType":"x","size":-1,"digest":"sha256:00"}}""", Oci + "manifest.v1+json",
            "config.digest should be sha256: and 64 hexadecimal digits" },
        { """{"config":7}""", Oci + "manifest.v1+json", "config should be an object" },
        { $$"""{"config":{{Config}},"layers":[{{Huge}},{{Huge}}]}""", null, "has layers of more than" },
        { $$"""{"config":{{Config}},"layers":[{{Huge}}]}""", Docker + "v2+json", "has layers of more than" },
        { """{"manifests":[{"size":2,"size":3}]}""", null, "is not JSON as it should be" },
    };

    [Theory]
    [MemberData(nameof(Unsound))]
    public void An_invalid_document_is_refused(string text, string? said, string message)
    {
        var error = Assert.Throws<InputException>(() => ManifestDocument.Parse(Encoding.UTF8.GetBytes(text), said, new("m"))).Describe();
        Assert.StartsWith("m: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error);
    }
}
