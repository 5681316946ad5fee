using System.Net;
using System.Text;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>The rules for URLs that one registry names in redirects, realms, upload locations and layer descriptors.</summary>
/// <remarks>
/// Without the rules, a malicious registry could make the client send requests to servers that only the user's machine
/// can reach: services on that machine, in its network, or the metadata service of its cloud (server-side request
/// forgery).
/// </remarks>
internal sealed class RegistryOrigin(string name, RegistryHost host)
{
    private const int MaximumUrlLength = 16 << 10;
    private readonly Lock _lock = new();

    // Null until the registry's name is resolved.
    private AddressKind? _kind = Addresses.KindOf(host.Host);

    /// <summary>The registry's name as in references, with its port.</summary>
    public string Name { get; } = name;

    /// <summary>Whether the registry's host is a loopback address or a localhost name.</summary>
    public bool IsLoopback => Addresses.KindOf(host.Host) == AddressKind.Loopback;

    /// <summary>Returns the URL of a path on the registry. <paramref name="plain"/> selects HTTP without TLS.</summary>
    public Uri Url(bool plain, string path) => new($"{(plain ? Uri.UriSchemeHttp : Uri.UriSchemeHttps)}://{host.Authority}{path}");

    /// <summary>Whether a host is the registry's host. Ports are not compared.</summary>
    public bool IsHost(string other) => other.Trim('[', ']').Equals(host.Host, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a URL has the registry's host and port. Only there do the user's TLS exceptions for the registry apply.</summary>
    public bool IsItself(Uri url) => IsHost(url.IdnHost) && (host.Port is { } port ? url.Port == port : url.IsDefaultPort);

    /// <summary>Whether two URLs have the same scheme, host and port.</summary>
    public static bool IsSame(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && one.IdnHost.Equals(other.IdnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Records the address of a connection to the registry. A registry in a private network may name other servers of
    /// that network. The first address decides, but any public address later takes the right away.
    /// </summary>
    public void FoundAt(IPAddress address)
    {
        var kind = Addresses.KindOf(address);
        lock (_lock) _kind = _kind is null || kind == AddressKind.Public ? kind : _kind;
    }

    /// <summary>
    /// Whether the registry's own name may resolve to the address. The first connection may go to any address. Later
    /// the name must not resolve to another kind of inside address, because the owner of the name can change it at any
    /// time (DNS rebinding).
    /// </summary>
    public bool MayBeAt(IPAddress address)
    {
        var kind = Addresses.KindOf(address);
        lock (_lock) return _kind is null || kind == _kind || Allows(kind);
    }

    /// <summary>Whether other servers that the registry names may have the address.</summary>
    public bool Allows(IPAddress address) => Allows(Addresses.KindOf(address));

    /// <summary>
    /// Resolves and checks a URL, absolute or relative, in a response from the URL <paramref name="from"/>.
    /// <paramref name="what"/> is the role of the URL in messages, such as <c>a redirect</c>.
    /// </summary>
    /// <exception cref="InputException">The URL is invalid, or the registry is not allowed to name it.</exception>
    public Uri Resolve(string text, Uri from, string what)
    {
        if (text.Length > MaximumUrlLength || ExactUri.Resolve(from, text) is not { } url) throw Wrong($"{what} leads to an invalid URL");
        return Check(url, from.Scheme == Uri.UriSchemeHttps, what);
    }

    /// <summary>Checks an absolute URL by the rules of <see cref="Resolve"/>. <paramref name="needsTls"/> requires https.</summary>
    public Uri Check(Uri url, bool needsTls, string what)
    {
        if (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp) throw Wrong($"{what} leads to a URL that is neither https nor http");
        if (needsTls && url.Scheme != Uri.UriSchemeHttps) throw Wrong($"{what} leads from https to http, to {RegistryHost.NameOf(url.IdnHost)}");
        if (url.UserInfo.Length > 0) throw Wrong($"{what} leads to a URL with a user's name in it");
        if (url.IdnHost.Length == 0) throw Wrong($"{what} leads to a URL without a host");

        // Resolvers map some non-ASCII characters to ASCII letters, which would circumvent the checks of the name.
        if (!Ascii.IsValid(url.Host)) throw Wrong($"{what} leads to a host whose name is not ASCII");
        if (!IsHost(url.IdnHost) && Addresses.KindOf(url.IdnHost) is { } kind && !Allows(kind)) throw NotAllowed(url.IdnHost, what);
        return url;
    }

    public InputException NotAllowed(string other, string what) =>
        new(
            $"{what} leads to {RegistryHost.NameOf(other)}, an address inside this machine or its network, which only a registry there may name",
            new(Name));

    private bool Allows(AddressKind kind) => kind switch
    {
        AddressKind.Public => true,
        AddressKind.Private => _kind is AddressKind.Private or AddressKind.Loopback,
        AddressKind.Unusable => false,
        _ => kind == _kind,
    };

    private InputException Wrong(string what) => new(what, new(Name));
}
