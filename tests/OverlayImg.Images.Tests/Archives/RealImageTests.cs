namespace OverlayImg.Images.Tests;

[Collection(RealImageCollection.Name)]
public sealed class RealImageTests(RealImages images) : IDisposable
{
    private readonly ArchiveBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("buildah.tar", "two", "t")]
    [InlineData("docker.tar", "two", "t")]
    [InlineData("podman.tar", "localhost/two", "latest")]
    [InlineData("podman-several.tar", "localhost/two", "latest")]
    [InlineData("podman-several.tar", "two", null)]
    [InlineData("podman-oci.tar", null, null)]
    [InlineData("skopeo.tar", "x/y", "z")]
    [InlineData("skopeo.tar", "docker.io/x/y", "z")]
    [InlineData("skopeo-oci.tar", null, "tagged")]
    [InlineData("skopeo-zstd.tar", null, "tagged")]
    public async Task The_image_equals_buildahs_mount_of_it(string file, string? name, string? tag)
    {
        using var archive = await _bench.OpenAsync(images[file]);
        // The root is not compared: no layer has an entry for it, containers/storage makes it with the mode 0555,
        // docker and this tool with 0755.
        Assert.Equal(images.Expected[1..], (await _bench.ListAsync(archive.Select(name, tag, null, out _)))[1..]);
    }

    [Theory]
    [InlineData("skopeo-oci.tar", "index.json", "s/sha256:./sha256:0/", "is missing in the archive")]
    [InlineData("skopeo-oci.tar", "index.json", "s/\"size\":/\"size\":9/", "but the blob has")]
    [InlineData("skopeo-oci.tar", "index.json", "s/\"size\":/\"size\":-/", "manifests[0].size should be a size in bytes")]
    [InlineData("skopeo-oci.tar", "index.json", "s/\"manifests\":.*]/\"manifests\":null/", "index.json: lacks \"manifests\"")]
    [InlineData("skopeo-oci.tar", "index.json", "s/oci.image.manifest/oci.image.other/", "index.json: names no image")]
    [InlineData("skopeo-oci.tar", "$(grep -l rootfs blobs/sha256/*)", "s/rootfs/rootFS/", "has the digest sha256:")]
    public async Task An_inconsistent_OCI_layout_is_refused(string file, string member, string change, string message)
    {
        await _bench.BashAsync($"mkdir t; tar -C t -xf {images[file]}; cd t; sed -i '{change}' {member}; tar -cf ../lie.tar .");
        var error = (await Assert.ThrowsAsync<InputException>(() => _bench.ListAsync(_bench["lie.tar"]))).Describe();
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_with_a_wrong_digest_is_refused_even_if_it_decompresses_to_the_right_layer()
    {
        // The last byte of the gzip header names the operating system and does not affect the decompressed content.
        await _bench.BashAsync($"mkdir t; tar -C t -xf {images["skopeo-oci.tar"]}; cd t/blobs/sha256; for f in *; do " +
            "if head -c 2 $f | grep -q $'\\x1f\\x8b'; then printf '\\x09' | dd of=$f bs=1 seek=9 conv=notrunc status=none; fi; " +
            "done; cd ../..; tar -cf ../lie.tar .");
        var error = (await Assert.ThrowsAsync<InputException>(() => _bench.ListAsync(_bench["lie.tar"]))).Describe();
        Assert.Contains("the blob has the digest sha256:", error, StringComparison.Ordinal);
    }
}
