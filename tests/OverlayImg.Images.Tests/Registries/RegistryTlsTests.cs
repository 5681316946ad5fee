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
            Assert.Contains("a certificate that is not to be trusted", error.Describe(), StringComparison.Ordinal);
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
        var error = await Assert.ThrowsAsync<MachineException>(() => _network.Client().GetManifestAsync(RegistryReference.Parse("registry.test/a"), default));
        Assert.Contains("--plain-http", error.Describe(), StringComparison.Ordinal);
        Assert.Empty(far.Requests);
        await _network.Client(plain: true).GetManifestAsync(RegistryReference.Parse("registry.test/a"), default);
        Assert.Single(far.Requests);
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
