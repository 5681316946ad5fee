using System.Net;
using System.Net.Sockets;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>Who can be reached by an address.</summary>
internal enum AddressKind
{
    /// <summary>Anybody.</summary>
    Public,

    /// <summary>Machines of a network of one's own, or of a provider's.</summary>
    Private,

    /// <summary>This machine.</summary>
    Loopback,

    /// <summary>Neighbours; clouds tell secrets of the machine there.</summary>
    LinkLocal,

    /// <summary>Nobody in particular.</summary>
    Unusable,
}

/// <summary>Tells the kinds of addresses apart (IANA's special-purpose address registries).</summary>
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

    // An IPv4 address stands behind these, at the byte.
    private static readonly (IPNetwork Network, int At)[] Wrappings =
        [(IPNetwork.Parse("::/96"), 12), (IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("64:ff9b:1::/48"), 12), (IPNetwork.Parse("2002::/16"), 2)];

    /// <summary>The kind of an address; one that another is packed into is of the other's kind.</summary>
    public static AddressKind KindOf(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address.AddressFamily == AddressFamily.InterNetworkV6 ? new(address.GetAddressBytes()) : address;
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

    /// <summary>The kind of a host that is an address, in any way of writing it, or this machine's name; null for other names.</summary>
    public static AddressKind? KindOf(string host)
    {
        var name = host.Trim('[', ']').TrimEnd('.');
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)) return AddressKind.Loopback;
        return IPAddress.TryParse(name, out var address) ? KindOf(address) : null;
    }
}
