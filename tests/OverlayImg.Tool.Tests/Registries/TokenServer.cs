using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>
/// A token server for registries (CNCF Distribution, "Token Authentication Specification"). It grants one user all requested
/// scopes, and signs the tokens with its own key.
/// </summary>
public sealed class TokenServer : IDisposable
{
    public const string Service = "tests";
    public const string Issuer = "issuer of the tests";
    public const string User = "tester";
    public const string Password = "pass:word";

    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _certificate;
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly FakeServer _server;

    public TokenServer()
    {
        var request = new CertificateRequest("CN=tokens of the tests", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _server = new(AnswerAsync);
    }

    /// <summary>The URL of the token server.</summary>
    public string Realm => $"http://{_server.Name}/token";

    /// <summary>The certificate of the signing key, which the registry must trust.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <summary>The requests: the user or <c>-</c> for none, and the requested scopes.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public void Dispose()
    {
        _server.Dispose();
        _certificate.Dispose();
        _key.Dispose();
    }

    private Task AnswerAsync(FakeExchange exchange)
    {
        var authorization = exchange.Request["Authorization"];
        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
        string[] scopes = HttpUtility.ParseQueryString(exchange.Request.Query).GetValues("scope") ?? [];
        _requests.Enqueue($"{(authorization is null ? "-" : User)} {string.Join(' ', scopes)}");
        return authorization == expected
            ? exchange.AnswerAsync(
                200, new JsonObject { ["token"] = Token(scopes), ["expires_in"] = 300 }.ToJsonString(), "Content-Type: application/json")
            : exchange.AnswerAsync(401);
    }

    private string Token(IEnumerable<string> scopes)
    {
        var access = new JsonArray();
        foreach (var scope in scopes.SelectMany(text => text.Split(' ')))
        {
            var parts = scope.Split(':');
            access.Add(new JsonObject
            {
                ["type"] = parts[0],
                ["name"] = string.Join(':', parts[1..^1]),
                ["actions"] = new JsonArray([.. parts[^1].Split(',').Select(action => JsonValue.Create(action))]),
            });
        }

        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = new JsonObject { ["typ"] = "JWT", ["alg"] = "RS256", ["x5c"] = new JsonArray(Convert.ToBase64String(_certificate.RawData)) };
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["sub"] = User,
            ["aud"] = Service,
            ["exp"] = now + 300,
            ["nbf"] = now - 10,
            ["iat"] = now,
            ["jti"] = Guid.NewGuid().ToString(),
            ["access"] = access,
        };
        var signed = $"{Base64Url(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64Url(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return $"{signed}.{Base64Url(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
