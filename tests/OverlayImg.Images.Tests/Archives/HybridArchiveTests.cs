using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Tests;

/// <summary>Archives that are both a docker-archive, which has the names, and an OCI layout, which has the manifests.</summary>
public sealed class HybridArchiveTests : IDisposable
{
    private readonly LayoutBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_gets_its_manifest_from_the_layout_half()
    {
        var digest = await WriteAsync();
        using var source = await _bench.OpenAsync(_bench["both.tar"]);
        var image = Assert.Single(source.Images);
        Assert.Equal((digest, "app:1"), (image.Manifest?.Digest.ToString(), image.References[0].ToString()));
        Assert.Equal(image.Manifest!.Layers[0].Digest, Assert.Single(image.Layers).BlobDigest);
        Assert.Equal("kept", await _bench.ReadAsync(image));
    }

    [Fact]
    public async Task The_archive_is_read_as_a_layout_if_the_caller_asks_for_a_layout()
    {
        await WriteAsync();
        using var scratch = ScratchDirectory.Create(_bench["scratch"]);
        using var source = await ImageSource.OpenAsync(_bench["both.tar"], new(ArchiveForm.Layout), scratch, Cancellation);
        Assert.Equal("1", Assert.Single(Assert.Single(source.Entries).RefNames));
    }

    [Theory]
    [InlineData("echo '{' > index.json")]
    [InlineData("rm index.json")]
    [InlineData("sed -i s/1.0.0/9.0.0/ oci-layout")]
    [InlineData("rm $(grep -l annotations blobs/sha256/*)")]
    [InlineData("echo >> $(grep -l annotations blobs/sha256/*)")]
    [InlineData("l=$(grep -o 'blobs/sha256/[0-9a-f]*\"]' manifest.json | tr -d '\"]'); cp $l layer; sed -i s,$l,layer, manifest.json")]
    public async Task Without_a_matching_OCI_manifest_the_archive_is_read_as_a_docker_archive(string change)
    {
        await WriteAsync();
        await Testing.Tool.BashAsync($"mkdir d; cd d; tar xf ../both.tar; {change}; tar cf ../both.tar *", _bench[""]);
        using var source = await _bench.OpenAsync(_bench["both.tar"]);
        var image = Assert.Single(source.Images);
        Assert.Null(image.Manifest);
        Assert.Equal("kept", await _bench.ReadAsync(image));
    }

    // Writes an archive whose manifest has an annotation, so that the manifest can't be made from the config and the layers.
    private async Task<string> WriteAsync()
    {
        var entry = _bench.Image("kept", change: manifest =>
        {
            manifest["annotations"] = new JsonObject { ["b"] = "1" };
            return manifest;
        });
        _bench.Complete(entry);
        using var source = await _bench.OpenAsync();
        var manifest = source.Images[0].Manifest!;
        var blobs = manifest.Layers.Append(manifest.Config).ToDictionary(blob => blob.Digest, source.OpenBlob);
        blobs.Add(manifest.Digest, new MemoryContent(manifest.Bytes));
        var image = new PublishedImage(manifest, null, [new("app", "1")], null);
        await using var file = File.Create(_bench["both.tar"]);
        ImageArchive.Write([image], blobs, ArchiveFormat.Hybrid, file, Cancellation);
        return entry["digest"]!.GetValue<string>();
    }
}
