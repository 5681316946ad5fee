using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>Tests of connections that break in the middle of a blob. The transfer continues, and no bytes are lost or doubled.</summary>
public sealed class BrokenNetworkTests(InstalledTool tool, PlainRegistry fixture) : IClassFixture<PlainRegistry>, IDisposable
{
    private const int SomeWayIn = 700_000;
    private readonly RegistryRun _run = new(tool);

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task A_broken_download_continues_where_it_ended()
    {
        await PrepareAsync();
        (await _run.RunAsync("push", "in.tar", $"{fixture.Registry.Host}/cut:1")).Succeeded();
        using var proxy = new CuttingProxy(fixture.Registry.Port, cutsUploads: false, SomeWayIn, times: 1);
        var requests = await fixture.Registry.RequestsOfAsync(
            async () => (await _run.RunAsync("pull", $"{proxy.Host}/cut:1", "-o", "out.tar")).Succeeded());
        Assert.Equal(1, proxy.Cuts);
        Assert.Contains(requests, request =>
            request.StartsWith("GET /v2/cut/blobs/", StringComparison.Ordinal) && request.EndsWith(" 206", StringComparison.Ordinal));
        await AssertSameAsync("docker-archive:out.tar");
    }

    [Fact]
    public async Task A_broken_upload_restarts_at_a_registry_that_forgot_it()
    {
        await PrepareAsync();
        using var proxy = new CuttingProxy(fixture.Registry.Port, cutsUploads: true, SomeWayIn, times: 1);
        var requests = await fixture.Registry.RequestsOfAsync(
            async () => (await _run.RunAsync("push", "in.tar", $"{proxy.Host}/sent:1")).Succeeded());
        Assert.Equal(1, proxy.Cuts);
        // docker-registry 2.8 forgets a broken upload and answers the question for its offset with 404. RegistryPushTests covers
        // registries that keep the upload. One of the three uploads is the config's.
        Assert.Contains(requests, request =>
            request.StartsWith("GET /v2/sent/blobs/uploads/", StringComparison.Ordinal) && request.EndsWith(" 404", StringComparison.Ordinal));
        Assert.Equal(3, requests.Count(request => request.StartsWith("POST /v2/sent/blobs/uploads/", StringComparison.Ordinal)));
        await AssertSameAsync($"--tls-verify=false docker://{fixture.Registry.Host}/sent:1");
    }

    // Makes an image with one layer of 3 MB that compression does not make smaller.
    private async Task PrepareAsync()
    {
        Directory.CreateDirectory(_run.Path);
        await Testing.Tool.BashAsync("mkdir tree; head -c 3000000 /dev/urandom > tree/noise; tar -C tree -cf layer.tar .", _run.Path);
        await DerivedImage.WriteAsync(_run["in.tar"], null, _run["layer.tar"]);
    }

    private async Task AssertSameAsync(string copy)
    {
        await Testing.Tool.BashAsync("skopeo --insecure-policy copy -q docker-archive:in.tar dir:a; " +
            $"skopeo --insecure-policy copy -q {copy.Replace("--tls-verify", "--src-tls-verify", StringComparison.Ordinal)} dir:b", _run.Path);
        const string Layers = "for layer in $(jq -r '.layers[].digest' {0}/manifest.json | cut -d: -f2); do (zcat {0}/$layer 2>/dev/null || " +
            "cat {0}/$layer) | sha256sum; done";
        Assert.Equal(
            await Testing.Tool.BashAsync(Layers.Replace("{0}", "a", StringComparison.Ordinal), _run.Path),
            await Testing.Tool.BashAsync(Layers.Replace("{0}", "b", StringComparison.Ordinal), _run.Path));
    }
}
