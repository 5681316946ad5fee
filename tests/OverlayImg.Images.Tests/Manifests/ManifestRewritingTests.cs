using System.Text;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Transfers;

namespace OverlayImg.Images.Tests.Manifests;

/// <summary>
/// Rewriting of manifests and indexes for other blobs. Nothing else changes, and the families of media types never mix.
/// </summary>
public sealed class ManifestRewritingTests
{
    private static readonly InputLocation Where = new("a test");
    private static readonly StoredLayer First = new(Digest.Of("first"u8), 5, CompressionFormat.Gzip);
    private static readonly StoredLayer Second = new(Digest.Of("second"u8), 6, CompressionFormat.Gzip);
    private static readonly StoredLayer Other = new(Digest.Of("other"u8), 7, CompressionFormat.Zstd);

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void An_unchanged_manifest_keeps_every_byte(bool isOci, bool asOci)
    {
        var manifest = Manifest(isOci);
        Assert.Same(manifest, ManifestRewriting.Rewrite(manifest, [First, Second], asOci));
    }

    [Fact]
    public void All_Docker_media_types_become_OCI_types_and_unknown_members_stay()
    {
        var text = Text(ManifestRewriting.Rewrite(Manifest(isOci: false), [First, Second], asOci: true));
        Assert.Equal(
            Text(Manifest(isOci: false))
                .Replace("application/vnd.docker.distribution.manifest.v2+json", "application/vnd.oci.image.manifest.v1+json",
                    StringComparison.Ordinal)
                .Replace("application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json", StringComparison.Ordinal)
                .Replace("application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.oci.image.layer.v1.tar+gzip",
                    StringComparison.Ordinal),
            text);
        Assert.Contains("\"unknown\":[1,{\"a\":null}]", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("io.containers.zstd-chunked.manifest-checksum")]
    [InlineData("io.github.containers.zstd-chunked.manifest-position")]
    [InlineData("containerd.io/snapshot/stargz/toc.digest")]
    [InlineData("io.containers.estargz.uncompressed-size")]
    [InlineData("containerd.io/snapshot/nydus-blob")]
    [InlineData("containerd.io/snapshot/overlaybd/blob-digest")]
    [InlineData("com.amazon.soci.index-digest")]
    public void Annotations_about_the_old_blob_are_removed(string annotation)
    {
        const string Size = "\"size\":5,";
        var text = Text(Manifest(isOci: true)).Replace(Size, $$"""{{Size}}"annotations":{"{{annotation}}":"x","kept":"z"},""",
            StringComparison.Ordinal)
            .Replace("\"annotations\":{\"k\"", "\"annotations\":{\"com.amazon.soci.index-digest\":\"x\",\"k\"", StringComparison.Ordinal);
        Assert.Equal(text, Text(ManifestRewriting.Rewrite(Parse(text), [First, Second], asOci: false)));
        var rewritten = Text(ManifestRewriting.Rewrite(Parse(text), [Other, Second], asOci: false));
        Assert.DoesNotContain(annotation, rewritten, StringComparison.Ordinal);
        // The annotation for the SOCI index of the old blobs is on the manifest itself.
        Assert.DoesNotContain("soci", rewritten, StringComparison.Ordinal);
        Assert.Contains("\"kept\":\"z\"", rewritten, StringComparison.Ordinal);
        Assert.Contains("\"k\":", rewritten, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zstd_layer_turns_a_Docker_manifest_into_an_OCI_manifest()
    {
        var manifest = ManifestRewriting.Rewrite(Manifest(isOci: false), [First, Other], asOci: false);
        Assert.True(manifest.IsOci);
        Assert.Equal(["application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.image.layer.v1.tar+zstd"],
            manifest.Layers.Select(layer => layer.MediaType));
        Assert.Equal([First.Digest, Other.Digest], manifest.Layers.Select(layer => layer.Digest));
        Assert.Equal([5, 7], manifest.Layers.Select(layer => layer.Size));
        Assert.DoesNotContain("docker", Text(manifest), StringComparison.Ordinal);
    }

    [Fact]
    public void An_uncompressed_layer_keeps_the_Docker_family()
    {
        var manifest = ManifestRewriting.Rewrite(Manifest(isOci: false), [First, Other with { Compression = CompressionFormat.None }], asOci: false);
        Assert.False(manifest.IsOci);
        Assert.Equal("application/vnd.docker.image.rootfs.diff.tar", manifest.Layers[1].MediaType);
    }

    [Fact]
    public void An_index_names_the_rewritten_manifests_and_keeps_their_platforms()
    {
        var (docker, oci) = (Manifest(isOci: false), ManifestRewriting.Rewrite(Manifest(isOci: false), [First, Second], asOci: true));
        var text = $$$"""{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json","manifests":[""" +
            $$$"""{"mediaType":"{{{docker.MediaType}}}","size":{{{docker.Bytes.Length}}},"digest":"{{{docker.Digest}}}","platform":""" +
            $$$"""{"architecture":"arm64","os":"linux"}}]}""";
        var index = (ImageIndex)ManifestDocument.Parse(Encoding.UTF8.GetBytes(text), null, Where);
        Assert.Same(index, ManifestRewriting.Rewrite(index, [docker.Descriptor], asOci: false));
        var rewritten = ManifestRewriting.Rewrite(index, [oci.Descriptor], asOci: false);
        Assert.True(rewritten.IsOci);
        Assert.Equal((oci.Digest, oci.MediaType, "linux/arm64"),
            (rewritten.Manifests[0].Digest, rewritten.Manifests[0].MediaType, rewritten.Manifests[0].Platform?.ToString()));
    }

    [Theory]
    [InlineData(true, "oci.image.config.v1", "docker.container.image.v1")]
    [InlineData(true, "oci.image.layer.v1.tar+gzip", "docker.image.rootfs.diff.tar.gzip")]
    [InlineData(false, "docker.container.image.v1", "oci.image.config.v1")]
    [InlineData(false, "docker.image.rootfs.diff.tar.gzip", "oci.image.layer.v1.tar+gzip")]
    public void Media_types_of_the_other_family_become_those_of_the_manifests_family(bool isOci, string own, string other)
    {
        var mixed = Parse(Text(Manifest(isOci)).Replace(own, other, StringComparison.Ordinal));
        Assert.True(mixed.MixesFamilies);
        Assert.Equal(Text(Manifest(isOci)), Text(ManifestRewriting.Rewrite(mixed, [First, Second], asOci: false)));
    }

    [Fact]
    public void A_Docker_manifest_that_already_has_a_zstd_layer_becomes_an_OCI_manifest()
    {
        var mixed = Parse(Text(Manifest(isOci: false)).Replace("docker.image.rootfs.diff.tar.gzip", "oci.image.layer.v1.tar+zstd",
            StringComparison.Ordinal));
        Assert.DoesNotContain("docker", Text(ManifestRewriting.Rewrite(mixed, [First, Second], asOci: false)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_artifact_keeps_its_media_types()
    {
        var artifact = Parse(Text(Manifest(isOci: true)).Replace("oci.image.config.v1", "example", StringComparison.Ordinal)
            .Replace("oci.image.layer.v1.tar+gzip", "docker.image.rootfs.diff.tar.gzip", StringComparison.Ordinal));
        Assert.Same(artifact, ManifestRewriting.Rewrite(artifact, [First, Second], asOci: true));
    }

    [Fact]
    public void Members_of_a_descriptor_about_the_old_blob_are_removed()
    {
        const string Size = "\"size\":5,";
        var text = Text(Manifest(isOci: true)).Replace(Size,
            Size + "\"data\":\"Zmlyc3Q=\",\"urls\":[\"https://example.org/first\"],\"annotations\":{" +
            "\"io.github.containers.zstd-chunked.manifest-checksum\":\"x\",\"containerd.io/snapshot/stargz/toc.digest\":\"y\",\"kept\":\"z\"},",
                StringComparison.Ordinal);
        var kept = Text(ManifestRewriting.Rewrite(Parse(text), [First, Other], asOci: false));
        Assert.Contains("stargz", kept, StringComparison.Ordinal);
        var node = System.Text.Json.Nodes.JsonNode.Parse(Text(ManifestRewriting.Rewrite(Parse(text), [Other, Second], asOci: false)))!["layers"]![0]!;
        Assert.Equal(["mediaType", "size", "annotations", "digest"], node.AsObject().Select(member => member.Key));
        Assert.Equal("""{"kept":"z"}""", node["annotations"]!.ToJsonString());
    }

    private static ImageManifest Manifest(bool isOci)
    {
        var (manifest, config, layer) = isOci
            ? ("application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.config.v1+json",
                "application/vnd.oci.image.layer.v1.tar+gzip")
            : ("application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.container.image.v1+json",
                "application/vnd.docker.image.rootfs.diff.tar.gzip");
        var text = $$$"""{"schemaVersion":2,"mediaType":"{{{manifest}}}","unknown":[1,{"a":null}],"config":{"mediaType":"{{{config}}}","size":1""" +
            $$$""","digest":"{{{Digest.Of("c"u8)}}}"},"layers":[{{{Layer(First)}}},{{{Layer(Second)}}}],"annotations":{"k":"<v>"}}""";
        return Parse(text);

        string Layer(StoredLayer stored) => $$$"""{"mediaType":"{{{layer}}}","size":{{{stored.Length}}},"digest":"{{{stored.Digest}}}"}""";
    }

    private static ImageManifest Parse(string text) => (ImageManifest)ManifestDocument.Parse(Encoding.UTF8.GetBytes(text), null, Where);

    private static string Text(ManifestDocument document) => Encoding.UTF8.GetString(document.Bytes.Span);
}
