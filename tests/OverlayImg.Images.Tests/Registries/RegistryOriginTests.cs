using System.Net;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Tests;

public sealed class RegistryOriginTests
{
    [Theory]
    [InlineData("8.8.8.8", AddressKind.Public)]
    [InlineData("172.15.0.1", AddressKind.Public)]
    [InlineData("2606:4700::1", AddressKind.Public)]
    [InlineData("10.0.0.1", AddressKind.Private)]
    [InlineData("172.31.255.255", AddressKind.Private)]
    [InlineData("192.168.1.1", AddressKind.Private)]
    [InlineData("100.100.100.200", AddressKind.Private)]
    [InlineData("fd00:ec2::254", AddressKind.Private)]
    [InlineData("127.8.9.1", AddressKind.Loopback)]
    [InlineData("::1", AddressKind.Loopback)]
    [InlineData("169.254.169.254", AddressKind.LinkLocal)]
    [InlineData("fe80::1%2", AddressKind.LinkLocal)]
    [InlineData("0.0.0.0", AddressKind.Unusable)]
    [InlineData("::", AddressKind.Unusable)]
    [InlineData("255.255.255.255", AddressKind.Unusable)]
    [InlineData("224.0.0.1", AddressKind.Unusable)]
    [InlineData("::ffff:169.254.169.254", AddressKind.LinkLocal)]
    [InlineData("::ffff:127.0.0.1", AddressKind.Loopback)]
    [InlineData("::127.0.0.1", AddressKind.Loopback)]
    [InlineData("64:ff9b::10.0.0.1", AddressKind.Private)]
    [InlineData("2002:7f00:1::", AddressKind.Loopback)]
    internal void Addresses_are_classified(string address, AddressKind kind) => Assert.Equal(kind, Addresses.KindOf(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://127.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://127.0.0.1./")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://[::ffff:7f00:1]/")]
    [InlineData("https://localhost/")]
    [InlineData("https://LOCALHOST./")]
    [InlineData("https://a.localhost/")]
    [InlineData("https://10.1.2.3/")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://0.0.0.0/")]
    [InlineData("https://０x7f.1/")]
    [InlineData("https://①27.0.0.1/")]
    [InlineData("//192.168.0.1/x")]
    [InlineData("http://elsewhere.example/")]
    [InlineData("ftp://elsewhere.example/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user:secret@elsewhere.example/")]
    [InlineData("https://")]
    public void A_public_registry_must_not_name_inside_addresses(string location)
    {
        var origin = new RegistryOrigin("registry.example", new("registry.example", null));
        var refused = Assert.Throws<InputException>(() => origin.Resolve(location, new("https://registry.example/v2/x"), "a redirect"));
        Assert.DoesNotContain("secret", refused.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v2/other?a=b%2Fc", "https://registry.example/v2/other?a=b%2Fc")]
    [InlineData("other", "https://registry.example/v2/other")]
    [InlineData("https://cdn.example/blob", "https://cdn.example/blob")]
    [InlineData("https://8.8.8.8/", "https://8.8.8.8/")]
    public void Public_and_relative_URLs_are_allowed(string location, string expected) =>
        Assert.Equal(
            expected,
            new RegistryOrigin("registry.example", new("registry.example", null))
                .Resolve(location, new("https://registry.example/v2/x"), "a redirect").AbsoluteUri);

    [Theory]
    [InlineData("10.0.0.5", "https://10.9.9.9/", true)]
    [InlineData("10.0.0.5", "https://127.0.0.1/", false)]
    [InlineData("10.0.0.5", "https://169.254.169.254/", false)]
    [InlineData("127.0.0.1", "https://127.0.0.1:99/", true)]
    [InlineData("127.0.0.1", "https://172.17.0.2/", true)]
    [InlineData("127.0.0.1", "https://169.254.169.254/", false)]
    [InlineData("169.254.1.1", "https://169.254.1.1:8443/", true)]
    public void A_registry_inside_a_network_may_name_its_own_kind_of_address(string registry, string url, bool isAllowed)
    {
        var origin = new RegistryOrigin(registry, new(registry, null));
        var error = Record.Exception(() => origin.Check(new(url), needsTls: true, "a redirect"));
        Assert.Equal(isAllowed, error is null);
    }

    [Fact]
    public void A_registry_whose_name_resolves_to_an_inside_address_may_name_inside_addresses()
    {
        var origin = new RegistryOrigin("registry.corp", new("registry.corp", null));
        origin.FoundAt(IPAddress.Parse("10.0.0.1"));
        Assert.Equal("10.0.0.2", origin.Check(new("https://10.0.0.2/"), needsTls: true, "a redirect").Host);
        Assert.Throws<InputException>(() => origin.Check(new("https://127.0.0.1/"), needsTls: true, "a redirect"));
    }

    [Fact]
    public void The_first_address_of_a_registry_decides()
    {
        var origin = new RegistryOrigin("registry.example", new("registry.example", null));
        Assert.True(origin.MayBeAt(IPAddress.Loopback));
        origin.FoundAt(IPAddress.Parse("203.0.113.1"));
        Assert.False(origin.MayBeAt(IPAddress.Loopback));
        Assert.False(origin.MayBeAt(IPAddress.Parse("10.0.0.1")));
        Assert.True(origin.MayBeAt(IPAddress.Parse("203.0.113.2")));
        origin.FoundAt(IPAddress.Loopback);
        Assert.Throws<InputException>(() => origin.Check(new("https://127.0.0.1/"), needsTls: true, "a redirect"));
    }

    [Fact]
    public void A_registry_that_also_has_a_public_address_must_not_name_inside_addresses()
    {
        var origin = new RegistryOrigin("registry.example", new("registry.example", null));
        origin.FoundAt(IPAddress.Loopback);
        origin.FoundAt(IPAddress.Parse("203.0.113.1"));
        Assert.Throws<InputException>(() => origin.Check(new("https://127.0.0.1/"), needsTls: true, "a redirect"));
    }
}
