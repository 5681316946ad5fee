using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>A server of tokens as registries ask for (distribution, "Token Authentication"): tokens signed by a key of its own, for one user and what is asked for.</summary>
public sealed class TokenServer : IDisposable
{
    public const string Service = "tests";
    public const string Issuer = "issuer of the tests";
    public const string User = "tester";
    public const string Password = "pass:word";

    private readonly HttpListener _listener = new();
    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _certificate;
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly Task _serving;

    public TokenServer()
    {
        var request = new CertificateRequest("CN=tokens of the tests", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Realm = FreePort.Listen(_listener) + "token";
        _serving = ServeAsync();
    }

    /// <summary>Where to ask.</summary>
    public string Realm { get; }

    /// <summary>The certificate that the registry must know.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <summary>The scopes that were asked for, each with the user or <c>-</c> for none.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public void Dispose()
    {
        _listener.Close();
        _serving.GetAwaiter().GetResult();
        _certificate.Dispose();
        _key.Dispose();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Answer(context);
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var authorization = context.Request.Headers["Authorization"];
        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
        string[] scopes = context.Request.QueryString.GetValues("scope") ?? [];
        _requests.Enqueue($"{(authorization is null ? "-" : User)} {string.Join(' ', scopes)}");
        if (authorization != expected)
        {
            context.Response.StatusCode = 401;
            context.Response.Close();
            return;
        }

        context.Response.ContentType = "application/json";
        context.Response.Close(Encoding.UTF8.GetBytes(new JsonObject { ["token"] = Token(scopes), ["expires_in"] = 300 }.ToJsonString()), willBlock: true);
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

/// <summary>Ports that nobody listens on.</summary>
internal static class FreePort
{
    /// <summary>Starts a server on one, and gives its address, with a slash behind it.</summary>
    public static string Listen(HttpListener listener)
    {
        for (var attempt = 0; ; attempt++)
        {
            var address = $"http://127.0.0.1:{Find()}/";
            listener.Prefixes.Clear();
            listener.Prefixes.Add(address);
            try
            {
                listener.Start();
                return address;
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                // Somebody else was quicker.
                continue;
            }
        }
    }

    private static int Find()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
