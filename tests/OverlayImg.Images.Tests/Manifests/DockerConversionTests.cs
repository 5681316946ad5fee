using System.Text;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Tests;

public sealed class DockerConversionTests
{
    private static readonly Digest One = Digest.Of([1]);
    private static readonly Digest Two = Digest.Of([2]);

    [Fact]
    public void An_OCI_manifest_becomes_a_Docker_manifest()
    {
        var manifest = Manifest(MediaTypes.OciConfig, MediaTypes.OciLayer + "+gzip", MediaTypes.OciForeignLayer);
        var converted = DockerConversion.Of(manifest);
        // CNCF Distribution, "Image Manifest Version 2, Schema 2".
        Assert.Equal(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.DockerManifest}}","config":{"mediaType":"{{MediaTypes.DockerConfig}}","size":1""" +
                $$""","digest":"{{One}}"},"layers":["""
            + $$"""{"mediaType":"{{MediaTypes.DockerLayer}}.gzip","size":2,"digest":"{{Two}}","urls":["https://cdn.test/l"]},""" +
                $$"""{"mediaType":"{{MediaTypes.DockerForeignLayer}}","size":2,"digest":"{{Two}}","urls":["https://cdn.test/l"]}]}""",
            Encoding.UTF8.GetString(converted.Bytes.Span));
        Assert.True(DockerConversion.Loses(manifest));
        Assert.False(DockerConversion.Loses(converted));
        Assert.Same(converted, DockerConversion.Of(converted));
    }

    [Theory]
    [InlineData(MediaTypes.OciConfig, MediaTypes.OciLayer + "+zstd", "zstd")]
    [InlineData("application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "artifact")]
    public void Artifacts_and_zstd_layers_are_refused(string config, string layer, string expected)
    {
        var error = Assert.Throws<InputException>(() => DockerConversion.Of(Manifest(config, layer)));
        Assert.Contains(expected, error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_becomes_a_manifest_list_without_the_omitted_entries()
    {
        var text = $$$"""{"schemaVersion":2,"annotations":{"a":"b"},"manifests":[""" +
            $$$"""{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{One}}}","size":1,"platform":""" +
            $$$"""{"os":"windows","architecture":"amd64","os.version":"10"} },""" +
            $$$"""{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{Two}}}","size":2}]}""";
        var index = (ImageIndex)ManifestDocument.Parse(Encoding.UTF8.GetBytes(text), MediaTypes.OciIndex, default);
        var converted = DockerConversion.Of(index, [new(MediaTypes.DockerManifest, Two, 9), null]);
        Assert.Equal(
            $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.DockerManifestList}}}","manifests":[""" +
                $$$"""{"mediaType":"{{{MediaTypes.DockerManifest}}}","size":9,"digest":"{{{Two}}}","platform":""" +
                $$$"""{"os":"windows","architecture":"amd64","os.version":"10"} }]}""".Replace("} }", "}}", StringComparison.Ordinal),
            Encoding.UTF8.GetString(converted.Bytes.Span));
    }

    private static ImageManifest Manifest(string config, params string[] layers)
    {
        var parts = layers.Select(layer => $$"""{"mediaType":"{{layer}}","digest":"{{Two}}","size":2,"urls":["https://cdn.test/l"]}""");
        var text = $$"""{"schemaVersion":2,"annotations":{"a":"b"},"config":{"mediaType":"{{config}}","digest":"{{One}}","size":1},"layers":""" +
            $$"""[{{string.Join(',', parts)}}]}""";
        return (ImageManifest)ManifestDocument.Parse(Encoding.UTF8.GetBytes(text), MediaTypes.OciManifest, default);
    }
}
