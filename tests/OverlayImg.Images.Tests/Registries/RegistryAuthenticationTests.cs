using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Web;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Transport;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class RegistryAuthenticationTests : IDisposable
{
    private const string Basic = "Basic dXNlcjpzM2NyZXQ=";

    private readonly FakeNetwork _network = new();
    private readonly FakeRegistry _registry = new();
    private readonly Testing.TemporaryDirectory _directory = new();
    private readonly ConcurrentDictionary<string, string> _given = new();
    private int _tokens;

    public void Dispose()
    {
        _network.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task An_anonymous_token_is_requested_once_for_each_scope()
    {
        var (server, tokens) = Start();
        _registry.AddImage("a/b", "latest");
        var client = _network.Client();
        await client.GetManifestAsync(Reference(server, "a/b"), default);
        await client.GetManifestAsync(Reference(server, "a/b"), default);
        Assert.Equal(["GET /token?old=1&service=the%20service&client_id=overlayimg&scope=repository%3Aa%2Fb%3Apull"], tokens.Lines);
        Assert.Null(tokens.Requests[0]["Authorization"]);
        await client.PutManifestAsync(Reference(server, "a/b:2"), _registry.AddImage("a/b", "x"), default);
        Assert.Equal("repository:a/b:pull,push", Scopes(tokens.Requests[1]));
        Assert.Equal(2, tokens.Requests.Count);
    }

    [Fact]
    public async Task A_token_is_renewed_before_it_expires()
    {
        var (server, tokens) = Start(expiresIn: 100);
        _registry.AddImage("a", "latest");
        var client = _network.Client();
        await client.GetManifestAsync(Reference(server, "a"), default);
        _network.Ahead = TimeSpan.FromSeconds(50);
        await client.GetManifestAsync(Reference(server, "a"), default);
        Assert.Single(tokens.Requests);
        _network.Ahead = TimeSpan.FromSeconds(80);
        await client.GetManifestAsync(Reference(server, "a"), default);
        Assert.Equal(2, tokens.Requests.Count);
        Assert.Single(server.Requests, request => request.Path.StartsWith("/v2/a", StringComparison.Ordinal) && request["Authorization"] is null);
    }

    [Fact]
    public async Task A_token_that_the_registry_rejects_is_renewed()
    {
        var (server, tokens) = Start();
        _registry.AddImage("a", "latest");
        var client = _network.Client();
        await client.GetManifestAsync(Reference(server, "a"), default);
        _given.Clear();
        await client.GetManifestAsync(Reference(server, "a"), default);
        Assert.Equal(2, tokens.Requests.Count);
    }

    [Fact]
    public async Task A_scope_in_the_registrys_challenge_is_requested()
    {
        var (server, tokens) = Start(missing: "repository:common:pull");
        _registry.AddImage("a", "latest");
        await _network.Client().GetManifestAsync(Reference(server, "a"), default);
        Assert.Equal("repository:common:pull repository:a:pull", Scopes(tokens.Requests[^1]));
    }

    [Fact]
    public async Task A_mount_requests_scopes_for_both_repositories()
    {
        var (server, tokens) = Start();
        var blob = _registry.Add("base", [1, 2, 3]);
        Assert.True(await _network.Client().TryMountBlobAsync(Reference(server, "a"), blob, "base", default));
        Assert.Equal("repository:a:pull,push repository:base:pull", Scopes(tokens.Requests[^1]));
    }

    [Fact]
    public async Task A_push_requests_a_single_token()
    {
        var (server, tokens) = Start();
        var blob = new Descriptor(MediaTypes.OciLayer, Digest.Of([1]), 1);
        var client = _network.Client();
        Assert.False(await client.HasBlobAsync(Reference(server, "new"), blob, default));
        await client.UploadBlobAsync(Reference(server, "new"), blob, _ => new MemoryStream([1]), null, default);
        await client.PutManifestAsync(Reference(server, "new:1"), _registry.AddImage("x", "x"), default);
        Assert.Equal("repository:new:pull,push", Scopes(Assert.Single(tokens.Requests)));
    }

    [Fact]
    public async Task A_denied_mount_is_not_an_error()
    {
        var tokens = _network.Local(exchange => exchange.AnswerAsync(403));
        var server = _network.Local(exchange => exchange.AnswerAsync(401, [], $"WWW-Authenticate: Bearer realm=\"http://{tokens.Name}/\""));
        Assert.False(await _network.Client().TryMountBlobAsync(Reference(server, "a"), _registry.Add("base", [1]), "base", default));
    }

    [Fact]
    public async Task Credentials_are_sent_to_the_token_server_only()
    {
        var (server, tokens) = Start();
        _registry.AddImage("a", "latest");
        await _network.Client(credentials: Credentials(server)).GetManifestAsync(Reference(server, "a"), default);
        Assert.Equal(Basic, Assert.Single(tokens.Requests)["Authorization"]);
        Assert.All(server.Requests, request => Assert.DoesNotContain("Basic", request["Authorization"] ?? "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_identity_token_is_exchanged_for_a_bearer_token()
    {
        var (server, tokens) = Start();
        _registry.AddImage("a", "latest");
        await _network.Client(credentials: Credentials(server, """{"identitytoken":"s3cret refresh"}"""))
            .GetManifestAsync(Reference(server, "a"), default);
        var request = Assert.Single(tokens.Requests);
        Assert.Equal("POST /token?old=1", request.ToString());
        Assert.Equal("grant_type=refresh_token&service=the+service&client_id=overlayimg&scope=repository%3Aa%3Apull&refresh_token=s3cret+refresh",
            request.BodyText);
        Assert.Null(request["Authorization"]);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(401)]
    [InlineData(400)]
    public async Task An_identity_token_is_sent_as_a_password_if_the_server_does_not_exchange_it(int status)
    {
        var (server, tokens) = Start(refusal: status);
        _registry.AddImage("a", "latest");
        await _network.Client(credentials: Credentials(server, """{"identitytoken":"s3cret"}""")).GetManifestAsync(Reference(server, "a"), default);
        Assert.Equal(["POST", "GET"], tokens.Requests.Select(request => request.Method));
        Assert.Equal("<token>:s3cret", Encoding.UTF8.GetString(Convert.FromBase64String(tokens.Requests[1]["Authorization"]!["Basic ".Length..])));
    }

    [Fact]
    public async Task Basic_authentication_is_used_if_the_registry_asks_for_it()
    {
        _registry.AddImage("a", "latest");
        var server = _network.Local(exchange => exchange.Request["Authorization"] == Basic
            ? _registry.AnswerAsync(exchange)
            : exchange.AnswerAsync(401, [], "WWW-Authenticate: Negotiate", "WWW-Authenticate: basic REALM=\"Registry, private\""));
        await _network.Client(credentials: Credentials(server)).GetManifestAsync(Reference(server, "a"), default);
        var error = await Assert.ThrowsAsync<NotAllowedException>(() => _network.Client().GetManifestAsync(Reference(server, "a"), default));
        Assert.Equal(
            $"Not allowed at {server.Name}/a: the manifest (401). "
                + $"Check the name, and log in with 'docker login {server.Name}' if the repository is not public.",
            error.Describe());
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(400)]
    public async Task The_error_for_a_denied_token_has_no_secrets(int status)
    {
        var tokens = _network.Local(exchange => exchange.AnswerAsync(status, """{"errors":[{"code":"DENIED","message":"wrong password"}]}"""));
        var server = _network.Local(exchange => exchange.AnswerAsync(401, [], $"WWW-Authenticate: Bearer realm=\"http://{tokens.Name}/\""));
        var error = await Assert.ThrowsAsync<NotAllowedException>(() =>
            _network.Client(credentials: Credentials(server)).GetManifestAsync(Reference(server, "a"), default));
        Assert.Contains("DENIED: wrong password", error.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Basic[6..], error.ToString(), StringComparison.Ordinal);
        Assert.Single(tokens.Requests);
    }

    [Theory]
    [InlineData("s3cret")]
    [InlineData("dXNlcjpzM2NyZXQ=")]
    public async Task An_error_text_that_echoes_a_secret_is_not_shown(string echo)
    {
        var server = _network.Local(exchange => exchange.Request["Authorization"] is null
            ? exchange.AnswerAsync(401, [], "WWW-Authenticate: Basic realm=x")
            : exchange.AnswerAsync(403, $$"""{"errors":[{"code":"DENIED","message":"not with {{echo}}"}]}"""));
        var error = await Assert.ThrowsAsync<NotAllowedException>(() =>
            _network.Client(credentials: Credentials(server)).GetManifestAsync(Reference(server, "a"), default));
        Assert.DoesNotContain(echo, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("(403)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pass\\word", 0)]
    [InlineData("a secret that is longer than what is shown of it", 280)]
    public async Task A_secret_is_found_before_the_error_text_is_shortened_and_escaped(string password, int before)
    {
        var entry = JsonSerializer.Serialize(new { auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"user:{password}")) });
        var body = JsonSerializer.Serialize(new { errors = new[] { new { code = "DENIED", message = new string('.', before) + password } } });
        var server = _network.Local(exchange => exchange.Request["Authorization"] is null
            ? exchange.AnswerAsync(401, [], "WWW-Authenticate: Basic realm=x") : exchange.AnswerAsync(403, body));
        var error = await Assert.ThrowsAsync<NotAllowedException>(() =>
            _network.Client(credentials: Credentials(server, entry)).GetManifestAsync(Reference(server, "a"), default));
        Assert.Contains("the manifest (403)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_server_that_breaks_connections_gets_four_requests()
    {
        var tokens = _network.Local(exchange =>
        {
            exchange.Cut();
            return Task.CompletedTask;
        });
        var server = _network.Local(exchange => exchange.AnswerAsync(401, [], $"WWW-Authenticate: Bearer realm=\"http://{tokens.Name}/\""));
        var error = await Assert.ThrowsAsync<MachineException>(() => _network.Client().GetManifestAsync(Reference(server, "a"), default));
        Assert.Equal($"{tokens.Name} breaks off the connection.", error.Describe());
        Assert.Equal((4, 1), (tokens.Requests.Count, server.Requests.Count));
    }

    [Theory]
    [InlineData("{}", "without a token")]
    [InlineData("""{"token":""}""", "without a token")]
    [InlineData("""{"token":"a\r\nX-Other: b"}""", "a token that is not fit for a header")]
    [InlineData("[]", "should be an object")]
    [InlineData("<html>", "is not JSON")]
    public async Task A_response_without_a_token_is_refused(string body, string expected)
    {
        var tokens = _network.Local(exchange => exchange.AnswerAsync(200, body));
        var server = _network.Local(exchange => exchange.AnswerAsync(401, [], $"WWW-Authenticate: Bearer realm=\"http://{tokens.Name}/\""));
        var error = await Assert.ThrowsAsync<InputException>(() => _network.Client().GetManifestAsync(Reference(server, "a"), default));
        Assert.Contains(expected, error.Describe(), StringComparison.Ordinal);
    }

    // Like docker's client: a value that is missing, negative, or not a number means one minute.
    [Theory]
    [InlineData("-1", 40, 1)]
    [InlineData("-1", 50, 2)]
    [InlineData("0", 40, 1)]
    [InlineData("\"soon\"", 40, 1)]
    [InlineData("\"100\"", 70, 1)]
    [InlineData("\"100\"", 80, 2)]
    [InlineData("100.5", 70, 1)]
    [InlineData("1e300", 3600, 1)]
    [InlineData("[]", 40, 1)]
    public async Task The_life_of_a_token_is_read_in_every_form(string expiresIn, int seconds, int tokensAsked)
    {
        var tokens = _network.Local(exchange => exchange.AnswerAsync(200, $$"""{"token":"t","expires_in":{{expiresIn}}}"""));
        var server = _network.Local(exchange => exchange.Request["Authorization"] == "Bearer t"
            ? _registry.AnswerAsync(exchange) : exchange.AnswerAsync(401, [], $"WWW-Authenticate: Bearer realm=\"http://{tokens.Name}/\""));
        _registry.AddImage("a", "latest");
        var client = _network.Client();
        await client.GetManifestAsync(Reference(server, "a"), default);
        _network.Ahead = TimeSpan.FromSeconds(seconds);
        await client.GetManifestAsync(Reference(server, "a"), default);
        Assert.Equal(tokensAsked, tokens.Requests.Count);
    }

    [Fact]
    public async Task A_registry_token_is_sent_unchanged()
    {
        _registry.AddImage("a", "latest");
        var server = _network.Local(exchange => exchange.Request["Authorization"] == "Bearer own"
            ? _registry.AnswerAsync(exchange) : exchange.AnswerAsync(401, [], "WWW-Authenticate: Bearer realm=\"http://127.0.0.1:1/\""));
        await _network.Client(credentials: Credentials(server, """{"registrytoken":"own"}""")).GetManifestAsync(Reference(server, "a"), default);
        Assert.Equal([null, "Bearer own"], server.Requests.Where(request => request.Path != "/v2/").Select(request => request["Authorization"]));
    }

    [Fact]
    public async Task A_missing_helper_is_an_error_only_if_credentials_are_required()
    {
        File.WriteAllText(_directory["auth.json"], """{"credsStore":"missing"}""");
        var (server, tokens) = Start();
        _registry.AddImage("a", "latest");
        await _network.Client(credentials: _directory["auth.json"]).GetManifestAsync(Reference(server, "a"), default);
        Assert.Null(Assert.Single(tokens.Requests)["Authorization"]);
        Assert.Contains("There is no program docker-credential-missing", Assert.Single(_network.Warnings), StringComparison.Ordinal);

        var strict = _network.Local(exchange => exchange.AnswerAsync(403));
        FakeServer[] refusing =
        [
            _network.Local(exchange => exchange.AnswerAsync(401, [], "WWW-Authenticate: Basic realm=\"r\"")),
            _network.Local(exchange => exchange.AnswerAsync(401, [], $"WWW-Authenticate: Bearer realm=\"http://{strict.Name}/\"")),
            _network.Local(exchange => exchange.Request["Authorization"] is null
                ? exchange.AnswerAsync(401, [], $"WWW-Authenticate: Bearer realm=\"http://{tokens.Name}/?scope=repository:a:pull\"")
                : exchange.AnswerAsync(403)),
        ];
        foreach (var other in refusing)
        {
            var error = await Assert.ThrowsAsync<NotAllowedException>(() =>
                _network.Client(credentials: _directory["auth.json"]).GetManifestAsync(Reference(other, "a"), default));
            Assert.Contains("There is no program docker-credential-missing", error.Describe(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_target_of_a_redirect_may_require_its_own_token()
    {
        var auth = _network.Host("auth.test", "203.0.113.7", exchange => exchange.AnswerAsync(200, """{"token":"other"}"""), tls: true);
        var other = _network.Host("other.test", "203.0.113.8", exchange => exchange.Request["Authorization"] == "Bearer other"
            ? _registry.AnswerAsync(exchange)
            : exchange.AnswerAsync(
                401, [], "WWW-Authenticate: Bearer realm=\"https://auth.test/\",service=\"s\",scope=\"repository:a:pull\""), tls: true);
        _network.Host("registry.test", "203.0.113.1", exchange => exchange.Request["Authorization"] is null
            ? exchange.AnswerAsync(401, [], "WWW-Authenticate: Basic realm=\"r\"")
            : exchange.AnswerAsync(307, [], $"Location: https://other.test{exchange.Request.Target}"), tls: true);
        var manifest = _registry.AddImage("a", "latest");
        var client = _network.Client(trusted: true, credentials: Credentials("registry.test"));
        Assert.Equal(manifest.Digest, (await client.GetManifestAsync(RegistryReference.Parse("registry.test/a"), default)).Digest);
        Assert.Equal(manifest.Digest, (await client.GetManifestAsync(RegistryReference.Parse("registry.test/a"), default)).Digest);
        Assert.Null(Assert.Single(auth.Requests)["Authorization"]);
        Assert.Equal("repository:a:pull", Scopes(auth.Requests[0]));
        Assert.Equal([null, "Bearer other", null, "Bearer other"], other.Requests.Select(request => request["Authorization"]));
    }

    [Theory]
    [InlineData("http://auth.test/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://169.254.169.254/")]
    public async Task The_realm_of_a_redirects_target_must_not_lead_to_inside_addresses(string realm)
    {
        _network.Host("other.test", "203.0.113.8", exchange =>
            exchange.AnswerAsync(401, [], $"WWW-Authenticate: Bearer realm=\"{realm}\""), tls: true);
        _network.Host("registry.test", "203.0.113.1", exchange => exchange.AnswerAsync(307, [], "Location: https://other.test/"), tls: true);
        await Assert.ThrowsAsync<InputException>(() =>
            _network.Client(trusted: true).GetManifestAsync(RegistryReference.Parse("registry.test/a"), default));
        Assert.DoesNotContain(_network.Connections, endPoint => endPoint.Address.ToString() is not ("203.0.113.1" or "203.0.113.8"));
    }

    [Fact]
    public async Task An_endless_token_response_is_refused()
    {
        var tokens = _network.Local(async exchange =>
        {
            exchange.Close();
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\n\r\n{\"token\":\"");
            for (var piece = new byte[1 << 16]; ;) await exchange.WriteAsync(piece);
        });
        var server = _network.Local(exchange => exchange.AnswerAsync(401, [], $"WWW-Authenticate: Bearer realm=\"http://{tokens.Name}/\""));
        var error = await Assert.ThrowsAsync<InputException>(() => _network.Client().GetManifestAsync(Reference(server, "a"), default));
        Assert.Contains("more than 1048576 bytes", error.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://127.0.0.1/token")]
    [InlineData("https://2130706433/token")]
    [InlineData("https://[::ffff:10.0.0.1]/token")]
    [InlineData("https://localhost./token")]
    [InlineData("https://169.254.169.254/latest/meta-data/iam")]
    [InlineData("https://inside.test/token")]
    [InlineData("http://auth.test/token")]
    [InlineData("https://user@auth.test/token")]
    [InlineData("/token")]
    [InlineData("")]
    public async Task A_realm_must_not_lead_to_inside_addresses(string realm)
    {
        _network.Name("inside.test", "192.168.1.1");
        var auth = _network.Host("auth.test", "203.0.113.7", exchange => exchange.AnswerAsync(200, """{"token":"t"}"""), tls: true);
        _network.Host("registry.test", "203.0.113.1", exchange =>
            exchange.AnswerAsync(401, [], $"WWW-Authenticate: Bearer realm=\"{realm}\""), tls: true);
        await Assert.ThrowsAsync<InputException>(() => _network.Client(trusted: true, credentials: Credentials("registry.test"))
            .GetManifestAsync(RegistryReference.Parse("registry.test/a"), default));
        Assert.Empty(auth.Requests);
        Assert.All(_network.Connections, endPoint => Assert.Equal("203.0.113.1", endPoint.Address.ToString()));
    }

    [Fact]
    public async Task A_realms_redirect_gets_no_secret()
    {
        var thief = _network.Host("thief.test", "203.0.113.9", exchange => exchange.AnswerAsync(200, """{"token":"t"}"""), tls: true);
        _network.Host("auth.test", "203.0.113.7", exchange => exchange.AnswerAsync(307, [], "Location: https://thief.test/"), tls: true);
        _network.Host("registry.test", "203.0.113.1", exchange => exchange.Request["Authorization"] == "Bearer t"
            ? exchange.AnswerAsync(404) : exchange.AnswerAsync(401, [], "WWW-Authenticate: Bearer realm=\"https://auth.test/\""), tls: true);
        await Assert.ThrowsAsync<InputException>(() => _network.Client(trusted: true, credentials: Credentials("registry.test"))
            .GetManifestAsync(RegistryReference.Parse("registry.test/a"), default));
        Assert.Null(Assert.Single(thief.Requests)["Authorization"]);
        await Assert.ThrowsAsync<InputException>(() =>
            _network.Client(trusted: true, credentials: Credentials("registry.test", """{"identitytoken":"s3cret"}"""))
            .GetManifestAsync(RegistryReference.Parse("registry.test/a"), default));
        Assert.Single(thief.Requests);
    }

    [Fact]
    public async Task Credentials_are_not_sent_to_a_realm_that_was_named_without_TLS()
    {
        var auth = _network.Host("auth.test", "203.0.113.7", exchange => exchange.AnswerAsync(200, """{"token":"t"}"""), tls: true);
        _network.Host("registry.test", "203.0.113.1", exchange => exchange.Request["Authorization"] == "Bearer t"
            ? exchange.AnswerAsync(404) : exchange.AnswerAsync(401, [], "WWW-Authenticate: Bearer realm=\"https://auth.test/\""));
        await Assert.ThrowsAsync<InputException>(() => _network.Client(plain: true, trusted: true, credentials: Credentials("registry.test"))
            .GetManifestAsync(RegistryReference.Parse("registry.test/a"), default));
        Assert.Null(Assert.Single(auth.Requests)["Authorization"]);
        Assert.Contains("are not sent to the token server auth.test", Assert.Single(_network.Warnings), StringComparison.Ordinal);
    }

    private static string Scopes(FakeRequest request) => string.Join(' ', HttpUtility.ParseQueryString(request.Query).GetValues("scope")!);

    private static RegistryReference Reference(FakeServer server, string rest) => RegistryReference.Parse($"{server.Name}/{rest}");

    private string Credentials(FakeServer server, string entry = """{"auth":"dXNlcjpzM2NyZXQ="}""") => Credentials(server.Name, entry);

    private string Credentials(string host, string entry = """{"auth":"dXNlcjpzM2NyZXQ="}""")
    {
        File.WriteAllText(_directory["auth.json"], $"{{\"auths\":{{\"{host}\":{entry}}}}}");
        return _directory["auth.json"];
    }

    // Starts a registry that requires a token with the right scope, and its token server.
    private (FakeServer Registry, FakeServer Tokens) Start(int expiresIn = 300, int? refusal = null, string? missing = null)
    {
        var tokens = _network.Local(async exchange =>
        {
            var body = Encoding.UTF8.GetString(await exchange.ReadBodyAsync());
            if (exchange.Request.Method == "POST" && refusal is { } status)
            {
                await exchange.AnswerAsync(status);
                return;
            }

            var token = $"t{Interlocked.Increment(ref _tokens)}";
            _given[$"Bearer {token}"] = exchange.Request.Method == "POST" ? HttpUtility.ParseQueryString(body)["scope"]! : Scopes(exchange.Request);
            var answer = new Dictionary<string, object> { [refusal is null ? "token" : "access_token"] = token, ["expires_in"] = expiresIn };
            await exchange.AnswerAsync(200, JsonSerializer.Serialize(answer));
        });
        var server = _network.Local(async exchange =>
        {
            var request = exchange.Request;
            var repository = request.Path.Split('/') is var parts && parts.Length > 3
                ? string.Join('/', parts[2..^2]).Replace("/blobs", "", StringComparison.Ordinal) : "";
            var scopes = _given.GetValueOrDefault(request["Authorization"] ?? "", "");
            if (scopes.Contains($"repository:{repository}:", StringComparison.Ordinal)
                && (missing is null || scopes.Contains(missing, StringComparison.Ordinal)))
                await _registry.AnswerAsync(exchange);
            else
            {
                var asked = scopes.Length > 0 ? missing : "";
                await exchange.AnswerAsync(
                    401, [], $"WWW-Authenticate: Bearer realm=\"http://{tokens.Name}/token?old=1\",service=\"the service\",scope=\"{asked}\"");
            }
        });
        return (server, tokens);
    }
}
