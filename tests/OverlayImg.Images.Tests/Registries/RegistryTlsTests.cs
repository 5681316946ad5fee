using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Registries.Transport;
using OverlayImg.Images.Settings;

namespace OverlayImg.Images.Tests;

public sealed class RegistryTlsTests : IDisposable
{
    private readonly FakeNetwork _network = new();
    private readonly FakeRegistry _registry = new();

    public RegistryTlsTests() => _registry.AddImage("a", "latest");

    public void Dispose() => _network.Dispose();

    [Fact]
    public async Task An_untrusted_certificate_is_refused_even_on_loopback()
    {
        var local = _network.Local(_registry.AnswerAsync, tls: true);
        var far = _network.Host("registry.test", "203.0.113.1", _registry.AnswerAsync, tls: true);
        foreach (var name in new[] { local.Name, "registry.test" })
        {
            var error = await Assert.ThrowsAsync<MachineException>(() =>
                _network.Client().GetManifestAsync(RegistryReference.Parse($"{name}/a"), default));
            Assert.Contains("a certificate that is not trusted", error.Describe(), StringComparison.Ordinal);
            Assert.Contains("SSL_CERT_FILE", error.Describe(), StringComparison.Ordinal);
        }

        Assert.Empty(local.Requests);
        Assert.Empty(far.Requests);
    }

    [Fact]
    public async Task Only_the_option_accepts_any_certificate()
    {
        var local = _network.Local(_registry.AnswerAsync, tls: true);
        await _network.Client(anyCertificate: true).GetManifestAsync(RegistryReference.Parse($"{local.Name}/a"), default);
        Assert.Equal(["GET /v2/", "GET /v2/a/manifests/latest"], local.Lines);
    }

    [Fact]
    public async Task Only_loopback_registries_are_accessed_without_TLS()
    {
        var local = _network.Local(_registry.AnswerAsync);
        await _network.Client().GetManifestAsync(RegistryReference.Parse($"{local.Name}/a"), default);
        Assert.Equal(["GET /v2/a/manifests/latest"], local.Lines);
        var far = _network.Host("registry.test", "203.0.113.1", _registry.AnswerAsync);
        var error = await Assert.ThrowsAsync<LostConnectionException>(() =>
            _network.Client().GetManifestAsync(RegistryReference.Parse("registry.test/a"), default));
        Assert.Equal([ImageSetting.PlainHttp], error.Advice!.Settings);
        Assert.Empty(far.Requests);
        await _network.Client(plain: true).GetManifestAsync(RegistryReference.Parse("registry.test/a"), default);
        Assert.Single(far.Requests);
    }

    [Fact]
    public async Task TLS_exceptions_apply_to_one_registry_only()
    {
        var plain = _network.Host("registry.test", "203.0.113.1", _registry.AnswerAsync);
        var other = _network.Host("other.test", "203.0.113.2", _registry.AnswerAsync, tls: true);
        var client = _network.Client(plain: true, anyCertificate: true, registries: ["registry.test"]);
        await client.GetManifestAsync(RegistryReference.Parse("registry.test/a"), default);
        await Assert.ThrowsAsync<MachineException>(() => client.GetManifestAsync(RegistryReference.Parse("other.test/a"), default));
        Assert.Single(plain.Requests);
        Assert.Empty(other.Requests);
        // The same host at another port is another registry.
        await Assert.ThrowsAsync<MachineException>(() => client.GetManifestAsync(RegistryReference.Parse("other.test:5000/a"), default));
        Assert.Equal([80, 443, 5000], _network.Connections.Select(endPoint => endPoint.Port));
        await _network.Client(plain: true, trusted: true, registries: ["registry.test"])
            .GetManifestAsync(RegistryReference.Parse("other.test/a"), default);
        Assert.Single(other.Requests);
    }

    [Theory]
    [InlineData("https://cdn.test/")]
    [InlineData("https://registry.test:8443/")]
    public async Task Certificates_of_redirect_targets_are_verified(string place)
    {
        var cdn = _network.Host("cdn.test", "203.0.113.7", exchange => exchange.AnswerAsync(200, """{"token":"t"}"""), tls: true);
        var server = _network.Host("registry.test", "203.0.113.1", exchange => exchange.Request.Path.Contains("blobs", StringComparison.Ordinal)
            ? exchange.AnswerAsync(302, [], $"Location: {place}")
            : exchange.AnswerAsync(401, [], $"WWW-Authenticate: Bearer realm=\"{place}\""), tls: true);
        var (client, image) = (_network.Client(anyCertificate: true, registries: ["registry.test"]), RegistryReference.Parse("registry.test/a"));
        var blob = new Descriptor(MediaTypes.OciLayer, Digest.Of([1]), 1);
        foreach (var task in new Task[] { client.GetManifestAsync(image, default), client.HasBlobAsync(image, blob, default) })
        {
            var error = await Assert.ThrowsAsync<MachineException>(() => task);
            Assert.Contains("a certificate that is not trusted", error.Describe(), StringComparison.Ordinal);
            Assert.DoesNotContain(ImageSetting.TlsVerification, error.Advice!.Settings);
        }

        Assert.Equal(2, server.Requests.Count);
        Assert.Empty(cdn.Requests);
    }

    [Fact]
    public async Task A_broken_handshake_is_retried_and_not_reported_as_a_bad_certificate()
    {
        var server = _network.Host("registry.test", "203.0.113.1", async exchange =>
        {
            exchange.Close();
            await _registry.AnswerAsync(exchange);
        }, tls: true);
        var client = _network.Client(trusted: true);
        await client.GetManifestAsync(RegistryReference.Parse("registry.test/a"), default);
        // The next two connections end before the TLS handshake, as if a load balancer reset them.
        _network.Broken = 2;
        await client.GetManifestAsync(RegistryReference.Parse("registry.test/a"), default);
        Assert.Equal((2, 2), (server.Requests.Count, _network.Delays.Count));
        _network.Broken = 9;
        var error = await Assert.ThrowsAsync<LostConnectionException>(() =>
            client.GetManifestAsync(RegistryReference.Parse("registry.test/a"), default));
        Assert.Equal("registry.test breaks off the connection during the TLS handshake.", error.Describe());
    }

    [Fact]
    public void An_authority_is_accepted_for_server_certificates_only()
    {
        using var directory = new Testing.TemporaryDirectory();
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=client", key,
            System.Security.Cryptography.HashAlgorithmName.SHA256);
        var usage = new System.Security.Cryptography.X509Certificates.X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.2")], true);
        request.CertificateExtensions.Add(usage);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(directory["ca.crt"], certificate.ExportCertificatePem());
        using var chain = new System.Security.Cryptography.X509Certificates.X509Chain();
        chain.Build(certificate);
        Assert.False(new TrustedAuthorities([directory.Path]).Vouch(certificate, chain));
    }

    [Fact]
    public async Task Authorities_in_a_registrys_directory_are_trusted()
    {
        using var directory = new Testing.TemporaryDirectory();
        await File.WriteAllTextAsync(directory["ca.crt"], FakeNetwork.Certificate.ExportCertificatePem());
        using var chain = new System.Security.Cryptography.X509Certificates.X509Chain();
        chain.Build(FakeNetwork.Certificate);
        Assert.True(new TrustedAuthorities([directory["missing"], directory.Path]).Vouch(FakeNetwork.Certificate, chain));
        Assert.False(new TrustedAuthorities([directory["missing"]]).Vouch(FakeNetwork.Certificate, chain));
        await File.WriteAllTextAsync(directory["ca.crt"], "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        Assert.Throws<MachineException>(() => new TrustedAuthorities([directory.Path]).Vouch(FakeNetwork.Certificate, chain));
    }
}
