using System.Text;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries;
using OverlayImg.Images.Registries.Transport;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class RegistryRedirectTests : IDisposable
{
    private const string Secret = "Basic dXNlcjpzM2NyZXQ=";
    private static readonly byte[] Blob = Encoding.UTF8.GetBytes("a blob that lies elsewhere");

    private readonly FakeNetwork _network = new();
    private readonly Testing.TemporaryDirectory _directory = new();

    public void Dispose()
    {
        _network.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Another_server_gets_no_secret_and_the_same_one_keeps_it()
    {
        var cdn = _network.Host("cdn.test", "203.0.113.7", exchange => exchange.AnswerAsync(200, Blob));
        var registry = _network.Host("registry.test", "203.0.113.1", WithBasic(exchange => exchange.Request.Path == "/here"
            ? exchange.AnswerAsync(302, [], "Location: https://cdn.test/blob?sig=1") : exchange.AnswerAsync(307, [], "Location: /here")), tls: true);
        var secure = _network.Host("cdn.test", "203.0.113.7", exchange => exchange.AnswerAsync(200, Blob), tls: true);
        await ReadAsync(_network.Client(trusted: true, credentials: Credentials()));
        Assert.Equal([null, Secret, Secret], registry.Requests.Select(request => request["Authorization"]));
        var request = Assert.Single(secure.Requests);
        Assert.Equal("GET /blob?sig=1", request.ToString());
        Assert.Null(request["Authorization"]);
        Assert.Null(request["Cookie"]);
        Assert.Empty(cdn.Requests);
    }

    [Fact]
    public async Task Who_sends_us_back_gets_no_secret_sent_with_us()
    {
        _network.Host("cdn.test", "203.0.113.7", exchange => exchange.AnswerAsync(302, [], "Location: https://registry.test/back"), tls: true);
        var registry = _network.Host("registry.test", "203.0.113.1", async exchange =>
        {
            if (exchange.Request.Path == "/back") await exchange.AnswerAsync(200, Blob);
            else await WithBasic(inner => inner.AnswerAsync(302, [], "Location: https://cdn.test/"))(exchange);
        }, tls: true);
        await ReadAsync(_network.Client(trusted: true, credentials: Credentials()));
        Assert.Equal([null, Secret, null], registry.Requests.Select(request => request["Authorization"]));
    }

    [Theory]
    [InlineData("http://cdn.test/", "from https to http")]
    [InlineData("http://registry.test/", "from https to http")]
    [InlineData("https://127.0.0.1/", "inside this machine")]
    [InlineData("https://169.254.169.254/latest/meta-data", "inside this machine")]
    [InlineData("https://inside.test/", "inside this machine")]
    [InlineData("https://metadata.test/", "inside this machine")]
    [InlineData("https://user:s3cret@cdn.test/", "a user's name")]
    [InlineData("ftp://cdn.test/", "neither https nor http")]
    public async Task A_redirect_leads_nowhere_else(string location, string expected)
    {
        _network.Name("inside.test", "10.0.0.1");
        _network.Name("metadata.test", "169.254.169.254");
        var cdn = _network.Host("cdn.test", "203.0.113.7", exchange => exchange.AnswerAsync(200, Blob));
        _network.Host("registry.test", "203.0.113.1", exchange => exchange.AnswerAsync(302, [], $"Location: {location}"), tls: true);
        var error = await Assert.ThrowsAsync<InputException>(() => ReadAsync(_network.Client(trusted: true)));
        Assert.Contains(expected, error.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(cdn.Requests);
        Assert.All(_network.Connections, endPoint => Assert.Equal("203.0.113.1", endPoint.Address.ToString()));
    }

    [Theory]
    [InlineData("http://registry.test:8080/")]
    [InlineData("http://registry.test/")]
    public async Task A_name_that_moves_leads_nowhere_inside(string location)
    {
        var inside = _network.Local(exchange => exchange.AnswerAsync(200, Blob));
        _network.Host("registry.test", "203.0.113.1", exchange =>
        {
            exchange.Close();
            _network.Name("registry.test", "127.0.0.1");
            return exchange.AnswerAsync(302, [], $"Location: {location.Replace("8080", inside.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)}");
        });
        var error = await Assert.ThrowsAsync<InputException>(() => ReadAsync(_network.Client(plain: true)));
        Assert.Contains("inside this machine", error.Describe(), StringComparison.Ordinal);
        Assert.Empty(inside.Requests);
        Assert.Equal("203.0.113.1", Assert.Single(_network.Connections).Address.ToString());
    }

    // The request's target as curl and Go send it: an address may be signed.
    [Theory]
    [InlineData("/s/%7Etok%2Dx/a%2Fb?sig=%7Eab%2Dc%2B&p=a|b", "/s/%7Etok%2Dx/a%2Fb?sig=%7Eab%2Dc%2B&p=a|b")]
    [InlineData("https://cdn.test/%61/../%2e%2E/b?a=%41#part", "/%61/../%2e%2E/b?a=%41")]
    [InlineData("https://cdn.test?a='(\"%7e\")", "/?a='(\"%7e\")")]
    [InlineData("//cdn.test/a%7Eb", "/a%7Eb")]
    [InlineData("x/%7E?b", "/v2/a/blobs/x/%7E?b")]
    [InlineData("../%7E/./x", "/v2/a/%7E/x")]
    [InlineData("/with a space/\u00e4", "/with%20a%20space/%C3%A4")]
    public async Task An_address_is_asked_for_as_it_was_sent(string location, string target)
    {
        FakeServer[] servers =
        [
            _network.Host("registry.test", "203.0.113.1", exchange => exchange.Request.Path.StartsWith("/v2/a/blobs/sha256", StringComparison.Ordinal)
                ? exchange.AnswerAsync(307, [], $"Location: {location}") : exchange.AnswerAsync(200, Blob), tls: true),
            _network.Host("cdn.test", "203.0.113.7", exchange => exchange.AnswerAsync(200, Blob), tls: true),
        ];
        await ReadAsync(_network.Client(trusted: true));
        Assert.Equal($"GET {target}", servers.SelectMany(server => server.Lines).Single(line => !line.Contains("sha256", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_loop_ends()
    {
        var registry = _network.Host("registry.test", "203.0.113.1", exchange => exchange.AnswerAsync(302, [], "Location: /again"), tls: true);
        var error = await Assert.ThrowsAsync<InputException>(() => ReadAsync(_network.Client(trusted: true)));
        Assert.Contains("more than 10 times", error.Describe(), StringComparison.Ordinal);
        Assert.Equal(11, registry.Requests.Count);
    }

    [Fact]
    public async Task A_401_from_elsewhere_is_not_answered()
    {
        var cdn = _network.Host("cdn.test", "203.0.113.7", exchange => exchange.AnswerAsync(401, [], "WWW-Authenticate: Basic realm=\"give\""), tls: true);
        _network.Host("registry.test", "203.0.113.1", WithBasic(exchange => exchange.AnswerAsync(302, [], "Location: https://cdn.test/")), tls: true);
        await Assert.ThrowsAsync<NotAllowedException>(() => ReadAsync(_network.Client(trusted: true, credentials: Credentials())));
        Assert.Null(Assert.Single(cdn.Requests)["Authorization"]);
    }

    [Fact]
    public async Task An_upload_elsewhere_gets_no_secret()
    {
        var storage = _network.Host("storage.test", "203.0.113.7", async exchange =>
        {
            await exchange.ReadBodyAsync();
            await exchange.AnswerAsync(201);
        }, tls: true);
        var registry = _network.Host("registry.test", "203.0.113.1",
            WithBasic(exchange => exchange.AnswerAsync(202, [], "Location: https://storage.test/put?signature=abc%2Fd")), tls: true);
        var blob = new Descriptor(MediaTypes.OciLayer, Digest.Of(Blob), Blob.Length);
        await _network.Client(trusted: true, credentials: Credentials())
            .UploadBlobAsync(RegistryReference.Parse("registry.test/a"), blob, from => new MemoryStream(Blob[(int)from..]), null, default);
        var request = Assert.Single(storage.Requests);
        Assert.Equal($"PUT /put?signature=abc%2Fd&digest=sha256%3A{blob.Digest.Hex}", request.ToString());
        Assert.Null(request["Authorization"]);
        Assert.Equal(Blob, request.Body);
        Assert.Equal(Secret, registry.Requests[^1]["Authorization"]);
    }

    [Theory]
    [InlineData("http://registry.test/upload")]
    [InlineData("https://127.0.0.1/upload")]
    [InlineData("https://inside.test/upload")]
    public async Task An_upload_leads_nowhere_else(string location)
    {
        _network.Name("inside.test", "10.0.0.1");
        _network.Host("registry.test", "203.0.113.1", exchange => exchange.AnswerAsync(202, [], $"Location: {location}"), tls: true);
        var blob = new Descriptor(MediaTypes.OciLayer, Digest.Of(Blob), Blob.Length);
        await Assert.ThrowsAsync<InputException>(() => _network.Client(trusted: true)
            .UploadBlobAsync(RegistryReference.Parse("registry.test/a"), blob, from => new MemoryStream(Blob[(int)from..]), null, default));
        Assert.All(_network.Connections, endPoint => Assert.Equal("203.0.113.1", endPoint.Address.ToString()));
    }

    private static Func<FakeExchange, Task> WithBasic(Func<FakeExchange, Task> answer) => exchange =>
        exchange.Request["Authorization"] == Secret ? answer(exchange) : exchange.AnswerAsync(401, [], "WWW-Authenticate: Basic realm=\"registry\"");

    private string Credentials()
    {
        File.WriteAllText(_directory["auth.json"], """{"auths":{"registry.test":{"auth":"dXNlcjpzM2NyZXQ="}}}""");
        return _directory["auth.json"];
    }

    private static Task<byte[]> ReadAsync(RegistryClient client) =>
        client.ReadBlobAsync(RegistryReference.Parse("registry.test/a"), new(MediaTypes.OciLayer, Digest.Of(Blob), Blob.Length), 1 << 20, default);
}
