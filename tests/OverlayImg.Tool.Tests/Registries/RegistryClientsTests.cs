using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>Tests that skopeo, podman and buildah pull images of <c>push</c> and push images for <c>pull</c> with equal digests.</summary>
public sealed class RegistryClientsTests(InstalledTool tool, PlainRegistry fixture) : IClassFixture<PlainRegistry>, IDisposable
{
    private readonly RegistryRun _run = new(tool);

    private string Host => fixture.Registry.Host;

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task Other_clients_pull_pushed_images(string compression)
    {
        await BusyboxImage.WriteAsync(_run["in.tar"]);
        var pushed = await _run.JsonAsync("push", "in.tar", $"{Host}/ours:{compression}", "--compression", compression);
        var digest = pushed["digest"]!.GetValue<string>();
        var id = (await _run.JsonAsync("inspect", "in.tar"))["images"]![0]!["imageId"]!.GetValue<string>();
        var image = $"{Host}/ours@{digest}";
        Assert.Equal(digest, (await Testing.Tool.BashAsync($"skopeo inspect --tls-verify=false docker://{image} | jq -r .Digest")).Trim());
        await using var podman = new Podman();
        await podman.RunAsync("pull", "-q", "--tls-verify=false", image);
        Assert.Equal(
            [id, digest], (await podman.RunAsync("image", "inspect", "-f", "sha256:{{.Id}} {{.Digest}}", image)).StandardOutput.Trim().Split(' '));
        await WithBuildahAsync(async buildah =>
        {
            var pulled = await Testing.Tool.BashAsync($"{buildah} pull -q --tls-verify=false {image}");
            Assert.Equal(id, $"sha256:{pulled.Trim()}");
            Assert.Equal(
                digest, (await Testing.Tool.BashAsync($"{buildah} inspect --type image --format '{{{{.FromImageDigest}}}}' {image}")).Trim());
        });
    }

    [Fact]
    public async Task Images_pushed_by_other_clients_are_pulled()
    {
        await BusyboxImage.WriteAsync(_run["in.tar"]);
        await Testing.Tool.BashAsync(
            $"skopeo --insecure-policy copy -q --dest-tls-verify=false docker-archive:in.tar docker://{Host}/theirs:skopeo", _run.Path);
        await using var podman = new Podman();
        await podman.RunAsync("load", "-q", "-i", _run["in.tar"]);
        await podman.RunAsync("push", "-q", "--tls-verify=false", $"localhost/{DerivedImage.Name}", $"{Host}/theirs:podman");
        await WithBuildahAsync(buildah => Testing.Tool.BashAsync(
            $"{buildah} pull -q docker-archive:in.tar; {buildah} push -q --tls-verify=false {DerivedImage.Name} docker://{Host}/theirs:buildah",
            _run.Path));
        foreach (var client in new[] { "skopeo", "podman", "buildah" })
        {
            var digest = (await Testing.Tool.BashAsync($"skopeo inspect --tls-verify=false docker://{Host}/theirs:{client} | jq -r .Digest")).Trim();
            var pulled = await _run.JsonAsync("pull", $"{Host}/theirs:{client}", "-o", $"{client}.tar");
            Assert.Equal(digest, pulled["imageDigest"]!.GetValue<string>());
            // skopeo pushes the pulled archive as the same image.
            await Testing.Tool.BashAsync(
                $"skopeo --insecure-policy copy -q --dest-tls-verify=false docker-archive:{client}.tar docker://{Host}/back:{client}", _run.Path);
            var config = await Testing.Tool.BashAsync(
                $"skopeo inspect --raw --tls-verify=false docker://{Host}/back:{client} | jq -r .config.digest");
            Assert.Equal(pulled["imageId"]!.GetValue<string>(), config.Trim());
        }
    }

    private static async Task WithBuildahAsync(Func<string, Task> use)
    {
        using var directory = new TemporaryDirectory();
        var buildah = $"buildah --root {directory["root"]} --runroot {directory["run"]} --storage-driver vfs";
        await use(buildah);
        await Testing.Tool.BashAsync($"{buildah} rmi --all --force");
    }
}
