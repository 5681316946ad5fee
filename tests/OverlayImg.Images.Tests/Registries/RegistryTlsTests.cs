namespace OverlayImg.Images.Tests;

public sealed class RegistryTlsTests : IDisposable
{
    private readonly FakeNetwork _network = new();
    private readonly FakeRegistry _registry = new();

    public RegistryTlsTests() => _registry.AddImage("a", "latest");

    public void Dispose() => _network.Dispose();

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused_on_loopback_too()
    {
        var local = _network.Local(_registry.AnswerAsync, tls: true);
        var far = _network.Host("registry.test", "203.0.113.1", _registry.AnswerAsync, tls: true);
        foreach (var name in new[] { local.Name, "registry.test" })
        {
            var error = await Assert.ThrowsAsync<MachineException>(() => _network.Client().GetManifestAsync(RegistryReference.Parse($"{name}/a"), default));
            Assert.Contains("a certificate that is not trusted", error.Describe(), StringComparison.Ordinal);
            Assert.Contains("SSL_CERT_FILE", error.Describe(), StringComparison.Ordinal);
        }

        Assert.Empty(local.Requests);
        Assert.Empty(far.Requests);
    }

    [Fact]
    public async Task Any_certificate_is_believed_by_option_alone()
    {
        var local = _network.Local(_registry.AnswerAsync, tls: true);
        await _network.Client(anyCertificate: true).GetManifestAsync(RegistryReference.Parse($"{local.Name}/a"), default);
        Assert.Equal(["GET /v2/", "GET /v2/a/manifests/latest"], local.Lines);
    }

    [Fact]
    public async Task Only_loopback_is_spoken_to_without_TLS()
    {
        var local = _network.Local(_registry.AnswerAsync);
        await _network.Client().GetManifestAsync(RegistryReference.Parse($"{local.Name}/a"), default);
        Assert.Equal(["GET /v2/a/manifests/latest"], local.Lines);
        var far = _network.Host("registry.test", "203.0.113.1", _registry.AnswerAsync);
        var error = await Assert.ThrowsAsync<LostConnectionException>(() => _network.Client().GetManifestAsync(RegistryReference.Parse("registry.test/a"), default));
        Assert.Equal([ImageSetting.PlainHttp], error.Advice!.Settings);
        Assert.Empty(far.Requests);
        await _network.Client(plain: true).GetManifestAsync(RegistryReference.Parse("registry.test/a"), default);
        Assert.Single(far.Requests);
    }

    [Fact]
    public async Task What_is_allowed_with_one_registry_is_not_with_another()
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
        await _network.Client(plain: true, trusted: true, registries: ["registry.test"]).GetManifestAsync(RegistryReference.Parse("other.test/a"), default);
        Assert.Single(other.Requests);
    }

    [Theory]
    [InlineData("https://cdn.test/")]
    [InlineData("https://registry.test:8443/")]
    public async Task Where_a_registry_leads_to_its_certificate_is_looked_at(string place)
    {
        var cdn = _network.Host("cdn.test", "203.0.113.7", exchange => exchange.AnswerAsync(200, """{"token":"t"}"""), tls: true);
        var server = _network.Host("registry.test", "203.0.113.1", exchange => exchange.Request.Path.Contains("blobs", StringComparison.Ordinal)
            ? exchange.AnswerAsync(302, [], $"Location: {place}") : exchange.AnswerAsync(401, [], $"WWW-Authenticate: Bearer realm=\"{place}\""), tls: true);
        var (client, image) = (_network.Client(anyCertificate: true, registries: ["registry.test"]), RegistryReference.Parse("registry.test/a"));
        foreach (var task in new Task[] { client.GetManifestAsync(image, default), client.HasBlobAsync(image, new(MediaTypes.OciLayer, Digest.Of([1]), 1), default) })
        {
            var error = await Assert.ThrowsAsync<MachineException>(() => task);
            Assert.Contains("a certificate that is not trusted", error.Describe(), StringComparison.Ordinal);
            Assert.DoesNotContain(ImageSetting.TlsVerification, error.Advice!.Settings);
        }

        Assert.Equal(2, server.Requests.Count);
        Assert.Empty(cdn.Requests);
    }

    [Fact]
    public async Task A_handshake_that_breaks_off_is_tried_again_and_is_no_bad_certificate()
    {
        var server = _network.Host("registry.test", "203.0.113.1", async exchange =>
        {
            exchange.Close();
            await _registry.AnswerAsync(exchange);
        }, tls: true);
        var client = _network.Client(trusted: true);
        await client.GetManifestAsync(RegistryReference.Parse("registry.test/a"), default);
        // It answers as one that resets connections does: no TLS comes of them.
        _network.Broken = 2;
        await client.GetManifestAsync(RegistryReference.Parse("registry.test/a"), default);
        Assert.Equal((2, 2), (server.Requests.Count, _network.Delays.Count));
        _network.Broken = 9;
        var error = await Assert.ThrowsAsync<LostConnectionException>(() => client.GetManifestAsync(RegistryReference.Parse("registry.test/a"), default));
        Assert.Equal("registry.test breaks off the connection during the TLS handshake.", error.Describe());
    }

    [Fact]
    public void An_authority_vouches_for_servers_alone()
    {
        using var directory = new Testing.TemporaryDirectory();
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=client", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new System.Security.Cryptography.X509Certificates.X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.2")], true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(directory["ca.crt"], certificate.ExportCertificatePem());
        using var chain = new System.Security.Cryptography.X509Certificates.X509Chain();
        chain.Build(certificate);
        Assert.False(new TrustedAuthorities([directory.Path]).Vouch(certificate, chain));
    }

    [Fact]
    public async Task The_authorities_that_a_machine_has_for_a_registry_are_believed()
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
