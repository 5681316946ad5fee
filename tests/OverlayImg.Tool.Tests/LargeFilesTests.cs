using System.Text.Json.Nodes;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests;

/// <summary>
/// Tests of a file larger than 2 GiB and a sparse file, which Scripts/large-files.sh makes. Their layer has no other
/// files, so the clients read nothing else.
/// </summary>
public sealed class LargeFilesTests(InstalledTool tool)
{
    private const string Large = "{ printf head; head -c $((2048 * 1024 * 1024 - 4)) /dev/zero; printf tail; }";
    private const string Sparse =
        "{ head -c 123456789 /dev/zero; printf middle; head -c $((256 * 1024 * 1024 - 123456789 - 6 - 3)) /dev/zero; printf end; }";

    [Fact]
    public async Task Gnu_tar_and_umoci_read_large_files_completely()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RunAsync(["root-layer", "--run-as-root", HardImage.Script("large-files.sh"), "--json", "-o", directory["layer"]]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Equal("", await Testing.Tool.BashAsync(
            $"{Large} | cmp - <(tar -xOf layer/layer.tar ./t/large); {Sparse} | cmp - <(tar -xOf layer/layer.tar ./t/sparse)", directory.Path));

        await WriteLayoutAsync(
            directory["layout"], directory["layer/layer.tar"], JsonNode.Parse(run.StandardOutput)!["diffId"]!.GetValue<string>()["sha256:".Length..]);
        (await Testing.Tool.RunAsync("umoci", ["unpack", "--image", $"{directory["layout"]}:large", directory["bundle"]])).Succeeded();
        Assert.Equal("", await Testing.Tool.BashAsync($"{Large} | cmp - large; {Sparse} | cmp - sparse", directory["bundle/rootfs/t"]));
    }

    // Writes an OCI layout without overlayimg. The layer is hard-linked, not copied. umoci verifies the layer's digest.
    private static async Task WriteLayoutAsync(string layout, string layerTar, string digest)
    {
        var blobs = Directory.CreateDirectory($"{layout}/blobs/sha256").FullName;
        await Testing.Tool.OutputAsync("ln", layerTar, $"{blobs}/{digest}");
        var config = await AddAsync("image.config", new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject(),
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray((JsonNode)$"sha256:{digest}") },
        });
        var manifest = await AddAsync("image.manifest", new JsonObject
        {
            ["schemaVersion"] = 2,
            ["config"] = config,
            ["layers"] = new JsonArray(Descriptor("image.layer.v1.tar", digest, new FileInfo(layerTar).Length)),
        });
        manifest["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = "large" };
        await File.WriteAllTextAsync(
            $"{layout}/index.json", new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(manifest) }.ToJsonString());
        await File.WriteAllTextAsync($"{layout}/oci-layout", """{"imageLayoutVersion":"1.0.0"}""");

        async Task<JsonObject> AddAsync(string kind, JsonObject content)
        {
            var file = Path.Combine(blobs, "new");
            await File.WriteAllTextAsync(file, content.ToJsonString());
            var name = await DerivedImage.DigestAsync(file);
            File.Move(file, Path.Combine(blobs, name));
            return Descriptor($"{kind}.v1+json", name, new FileInfo(Path.Combine(blobs, name)).Length);
        }
    }

    private static JsonObject Descriptor(string type, string digest, long size) =>
        new() { ["mediaType"] = $"application/vnd.oci.{type}", ["digest"] = $"sha256:{digest}", ["size"] = size };
}
