using System.Net;
using System.Net.Sockets;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>The reach of an IP address.</summary>
internal enum AddressKind
{
    /// <summary>An address of the internet.</summary>
    Public,

    /// <summary>An address of a private or a provider's network.</summary>
    Private,

    /// <summary>An address of this machine.</summary>
    Loopback,

    /// <summary>A link-local address. Cloud providers serve the metadata of a machine, secrets included, at such an address.</summary>
    LinkLocal,

    /// <summary>An address that is not one host's, such as a multicast address.</summary>
    Unusable,
}

/// <summary>Classifies IP addresses by IANA's special-purpose address registries.</summary>
internal static class Addresses
{
    private static readonly (IPNetwork Network, AddressKind Kind)[] Special =
    [
        (IPNetwork.Parse("0.0.0.0/8"), AddressKind.Unusable),
        (IPNetwork.Parse("10.0.0.0/8"), AddressKind.Private),
        (IPNetwork.Parse("100.64.0.0/10"), AddressKind.Private),
        (IPNetwork.Parse("127.0.0.0/8"), AddressKind.Loopback),
        (IPNetwork.Parse("169.254.0.0/16"), AddressKind.LinkLocal),
        (IPNetwork.Parse("172.16.0.0/12"), AddressKind.Private),
        (IPNetwork.Parse("192.0.0.0/24"), AddressKind.Private),
        (IPNetwork.Parse("192.168.0.0/16"), AddressKind.Private),
        (IPNetwork.Parse("198.18.0.0/15"), AddressKind.Private),
        (IPNetwork.Parse("224.0.0.0/3"), AddressKind.Unusable),
        (IPNetwork.Parse("::/128"), AddressKind.Unusable),
        (IPNetwork.Parse("::1/128"), AddressKind.Loopback),
        (IPNetwork.Parse("fc00::/7"), AddressKind.Private),
        (IPNetwork.Parse("fe80::/10"), AddressKind.LinkLocal),
        (IPNetwork.Parse("fec0::/10"), AddressKind.Private),
        (IPNetwork.Parse("ff00::/8"), AddressKind.Unusable),
    ];

    // Networks whose IPv6 addresses embed an IPv4 address, and the offset of its first byte.
    private static readonly (IPNetwork Network, int At)[] Wrappings =
    [
        (IPNetwork.Parse("::/96"), 12), (IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("64:ff9b:1::/48"), 12),
        (IPNetwork.Parse("2002::/16"), 2),
    ];

    /// <summary>Returns the kind of an address. An IPv6 address that embeds an IPv4 address is of the IPv4 address's kind.</summary>
    public static AddressKind KindOf(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
            : address.AddressFamily == AddressFamily.InterNetworkV6 ? new(address.GetAddressBytes()) : address;
        foreach (var (network, kind) in Special)
        {
            if (network.Contains(plain)) return kind;
        }

        foreach (var (network, at) in Wrappings)
        {
            if (network.Contains(plain)) return KindOf(new IPAddress(plain.GetAddressBytes().AsSpan(at, 4)));
        }

        return AddressKind.Public;
    }

    /// <summary>Returns the kind of a host that is an IP address in any notation, or a localhost name; null for other names.</summary>
    public static AddressKind? KindOf(string host)
    {
        var name = host.Trim('[', ']').TrimEnd('.');
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
            return AddressKind.Loopback;
        return IPAddress.TryParse(name, out var address) ? KindOf(address) : null;
    }
}
