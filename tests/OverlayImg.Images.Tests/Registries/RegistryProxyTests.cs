using System.Net;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class RegistryProxyTests : IDisposable
{
    private static readonly Descriptor Blob = new(MediaTypes.OciLayer, Digest.Of([1]), 1);

    private readonly FakeNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Fact]
    public async Task A_proxy_is_asked_for_all_but_this_machine()
    {
        var proxy = Proxy(exchange => exchange.AnswerAsync(404));
        var local = _network.Local(exchange => exchange.AnswerAsync(404));
        Assert.False(await _network.Client().HasBlobAsync(RegistryReference.Parse($"{local.Name}/a"), Blob, default));
        Assert.Empty(proxy.Requests);
        Assert.False(await _network.Client(plain: true).HasBlobAsync(RegistryReference.Parse("registry.test/a"), Blob, default));
        Assert.Equal([$"HEAD http://registry.test/v2/a/blobs/{Blob.Digest}"], proxy.Lines);
    }

    [Fact]
    public async Task A_proxy_leads_nowhere_inside_by_an_address()
    {
        var proxy = Proxy(exchange => exchange.AnswerAsync(302, [], "Location: http://169.254.169.254/latest"));
        await Assert.ThrowsAsync<InputException>(() => _network.Client(plain: true).HasBlobAsync(RegistryReference.Parse("registry.test/a"), Blob, default));
        Assert.Single(proxy.Requests);
    }

    [Fact]
    public async Task TLS_goes_through_a_tunnel()
    {
        var proxy = Proxy(exchange => exchange.AnswerAsync(403));
        var error = await Assert.ThrowsAsync<MachineException>(() => _network.Client().HasBlobAsync(RegistryReference.Parse("registry.test/a"), Blob, default));
        Assert.Contains("The proxy does not connect to registry.test", error.Describe(), StringComparison.Ordinal);
        Assert.Equal(["CONNECT registry.test:443"], proxy.Lines);
    }

    private FakeServer Proxy(Func<FakeExchange, Task> answer)
    {
        var proxy = _network.Local(answer);
        _network.Proxy = new WebProxy("127.0.0.1", proxy.Port);
        return proxy;
    }
}
