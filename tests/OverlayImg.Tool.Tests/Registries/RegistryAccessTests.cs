using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>Tests of registries with TLS, passwords and tokens.</summary>
public sealed class RegistryAccessTests(InstalledTool tool) : IDisposable
{
    private readonly RegistryRun _run = new(tool);

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Tls_with_a_certificate_from_SSL_CERT_FILE()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=registry of the tests", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Directory.CreateDirectory(_run.Path);
        await File.WriteAllTextAsync(_run["cert.pem"], certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(_run["key.pem"], key.ExportPkcs8PrivateKeyPem());
        await using var registry = await TestRegistry.StartAsync($"  tls:\n    certificate: {_run["cert.pem"]}\n    key: {_run["key.pem"]}");
        await BusyboxImage.WriteAsync(_run["in.tar"]);

        Assert.Contains("certificate", await _run.FailAsync(4, "push", "in.tar", $"{registry.Host}/app:1"), StringComparison.OrdinalIgnoreCase);
        (await _run.RunAsync("push", "in.tar", $"{registry.Host}/app:1", "--tls-no-verify")).Succeeded();

        // An option for the source registry does not apply to the destination registry, and the other way round.
        await using var other = await TestRegistry.StartAsync($"  tls:\n    certificate: {_run["cert.pem"]}\n    key: {_run["key.pem"]}");
        string[] copy = ["copy", $"docker://{registry.Host}/app:1", $"docker://{other.Host}/app:1"];
        Assert.Contains($"{other.Host} shows a certificate", await _run.FailAsync(4, [.. copy, "--src-tls-no-verify"]), StringComparison.Ordinal);
        Assert.Contains($"{registry.Host} shows a certificate", await _run.FailAsync(4, [.. copy, "--dest-tls-no-verify"]), StringComparison.Ordinal);
        (await _run.RunAsync([.. copy, "--src-tls-no-verify", "--dest-tls-no-verify"])).Succeeded();
        _run.Environment["SSL_CERT_FILE"] = _run["cert.pem"];
        (await _run.RunAsync("push", "in.tar", $"{registry.Host}/app:2")).Succeeded();
        (await _run.RunAsync("pull", $"{registry.Host}/app:2", "-o", "out.tar")).Succeeded();
    }

    [Fact]
    public async Task A_password_from_an_auth_file()
    {
        Directory.CreateDirectory(_run.Path);
        // The bcrypt hash of the user and the password in auth.json. docker-registry supports no other hashes.
        await File.WriteAllTextAsync(_run["htpasswd"], "tester:$2b$04$overlayimgTests......eiTE8o25QuqcFJCKDwD.gEFiqkmbhlaG\n");
        await using var registry = await TestRegistry.StartAsync(rest: $"auth:\n  htpasswd:\n    realm: tests\n    path: {_run["htpasswd"]}");
        await BusyboxImage.WriteAsync(_run["in.tar"]);
        await WriteCredentialsAsync("auth.json", registry.Host, "pass:word");
        await WriteCredentialsAsync("wrong.json", registry.Host, "pass:wort");

        Assert.Contains(registry.Host, await _run.FailAsync(4, "push", "in.tar", $"{registry.Host}/app:1"), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "wort", await _run.FailAsync(4, "push", "in.tar", $"{registry.Host}/app:1", "--authfile", "wrong.json"), StringComparison.Ordinal);
        (await _run.RunAsync("push", "in.tar", $"{registry.Host}/app:1", "--authfile", "auth.json")).Succeeded();
        _run.Environment["REGISTRY_AUTH_FILE"] = _run["auth.json"];
        (await _run.RunAsync("copy", $"docker://{registry.Host}/app:1", $"docker://{registry.Host}/other:1")).Succeeded();
        (await _run.RunAsync("pull", $"{registry.Host}/other:1", "-o", "out.tar")).Succeeded();
        (await _run.RunAsync("inspect", $"docker://{registry.Host}/other:1")).Succeeded();
    }

    [Fact]
    public async Task Tokens_have_only_the_needed_scopes()
    {
        using var tokens = new TokenServer();
        Directory.CreateDirectory(_run.Path);
        await File.WriteAllTextAsync(_run["issuer.pem"], tokens.CertificatePem);
        await using var registry = await TestRegistry.StartAsync(rest:
            $"auth:\n  token:\n    realm: {tokens.Realm}\n    service: {TokenServer.Service}\n    issuer: {TokenServer.Issuer}\n" +
            $"    rootcertbundle: {_run["issuer.pem"]}");
        await BusyboxImage.WriteAsync(_run["in.tar"]);
        await WriteCredentialsAsync("auth.json", registry.Host, TokenServer.Password);

        Assert.Contains(registry.Host, await _run.FailAsync(4, "push", "in.tar", $"{registry.Host}/app:1"), StringComparison.Ordinal);
        Assert.All(tokens.Requests, request => Assert.StartsWith("- ", request, StringComparison.Ordinal));
        _run.Environment["REGISTRY_AUTH_FILE"] = _run["auth.json"];
        (await _run.RunAsync("push", "in.tar", $"{registry.Host}/app:1")).Succeeded();
        var mounted = await registry.RequestsOfAsync(async () =>
            (await _run.RunAsync("copy", $"docker://{registry.Host}/app:1", $"docker://{registry.Host}/other:1")).Succeeded());
        Assert.Contains(mounted, request =>
            request.StartsWith("POST /v2/other/blobs/uploads/?", StringComparison.Ordinal) && request.EndsWith(" 201", StringComparison.Ordinal));
        var before = tokens.Requests.Count;
        (await _run.RunAsync("pull", $"{registry.Host}/other:1", "-o", "out.tar")).Succeeded();
        Assert.All(tokens.Requests.Skip(before), request => Assert.Equal($"{TokenServer.User} repository:other:pull", request));
    }

    private async Task WriteCredentialsAsync(string name, string host, string password) => await File.WriteAllTextAsync(_run[name], new JsonObject
    {
        ["auths"] = new JsonObject
        {
            [host] = new JsonObject { ["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{TokenServer.User}:{password}")) },
        },
    }.ToJsonString());
}
