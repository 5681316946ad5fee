using OverlayImg.Images.Digests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Tests;

public sealed class RegistryReferenceTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("debian", "docker.io", "library/debian", null, false)]
    [InlineData("docker://debian:12", "docker.io", "library/debian", "12", false)]
    [InlineData("index.docker.io/library/debian", "docker.io", "library/debian", null, false)]
    [InlineData("someone/thing", "docker.io", "someone/thing", null, false)]
    [InlineData("localhost/thing", "localhost", "thing", null, false)]
    [InlineData("localhost:5000/a/b:tag", "localhost:5000", "a/b", "tag", false)]
    [InlineData("127.0.0.1:5000/a", "127.0.0.1:5000", "a", null, false)]
    [InlineData("[::1]:5000/a", "[::1]:5000", "a", null, false)]
    [InlineData("registry.example/a:1@sha256:" + Hex, "registry.example", "a", "1", true)]
    [InlineData("registry.example/a@sha256:" + Hex, "registry.example", "a", null, true)]
    public void Names_are_normalized_as_docker_does(string text, string registry, string repository, string? tag, bool hasDigest)
    {
        var reference = RegistryReference.Parse(text);
        Assert.Equal((registry, repository, tag), (reference.Registry, reference.Repository, reference.Tag));
        Assert.Equal(hasDigest ? $"sha256:{Hex}" : null, reference.Digest?.ToString());
        Assert.Equal(reference, RegistryReference.Parse(reference.ToString()));
    }

    [Theory]
    [InlineData("[::1]:5000/a/b:tag", "[::1]:5000", "a/b", "tag", "http://[::1]:5000/v2/")]
    [InlineData("[2001:db8::1]/a", "[2001:db8::1]", "a", null, "http://[2001:db8::1]/v2/")]
    public void IPv6_addresses_have_brackets(string text, string registry, string repository, string? tag, string url)
    {
        var reference = RegistryReference.Parse(text);
        Assert.Equal((registry, repository, tag, text), (reference.Registry, reference.Repository, reference.Tag, reference.ToString()));
        var asked = new RegistryOrigin(registry, RegistryHost.Of(reference)).Url(plain: true, "/v2/");
        Assert.Equal(url, asked.AbsoluteUri);
        Assert.Equal($"[{RegistryHost.Of(reference).Host}]", RegistryHost.NameOf(asked.IdnHost));
        Assert.Equal("registry.example", RegistryHost.NameOf("registry.example"));
    }

    [Theory]
    [InlineData("[::1/a")]
    [InlineData("::1/a")]
    [InlineData("[registry.example]/a")]
    [InlineData("[::1]:/a")]
    [InlineData("[::1]5000/a")]
    [InlineData("")]
    [InlineData("docker://")]
    [InlineData("Debian")]
    [InlineData("debian:")]
    [InlineData("debian@")]
    [InlineData("debian:a b")]
    [InlineData("debian@sha256:../../etc/passwd")]
    [InlineData("debian@sha512:" + Hex + Hex)]
    [InlineData("a/../b")]
    [InlineData("host:99999/a")]
    [InlineData("host:0/a")]
    [InlineData("user:password@host/a")]
    [InlineData("host/a?b=c")]
    [InlineData("host/a#b")]
    [InlineData("http://host/a")]
    [InlineData("host.example/")]
    [InlineData("a%2fb")]
    [InlineData("host.example/Upper")]
    public void Invalid_references_are_refused(string text) => Assert.Throws<InputException>(() => RegistryReference.Parse(text));

    [Fact]
    public void A_digest_takes_precedence_over_the_tag()
    {
        var digest = Digest.Of([1]);
        var pinned = RegistryReference.Parse("debian:12").At(digest);
        Assert.Equal($"docker.io/library/debian:12@{digest}", pinned.ToString());
        Assert.Equal(digest.ToString(), pinned.Selector);
        Assert.Equal("13", pinned.Tagged("13").Selector);
        Assert.Equal("latest", RegistryReference.Parse("debian").Selector);
        Assert.Throws<InputException>(() => pinned.Tagged("../x"));
    }

    [Fact]
    public void Docker_Hub_has_another_host_than_its_name()
    {
        Assert.Equal("registry-1.docker.io", RegistryHost.Of(RegistryReference.Parse("debian")).Authority);
        Assert.Equal("[::1]:5000", RegistryHost.Of(RegistryReference.Parse("[::1]:5000/a")).Authority);
    }
}
