using System.Net;
using System.Text;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>A registry, seen as the place that may name other places: those that it may name, and those that it may not.</summary>
/// <remarks>
/// Whoever serves an image could else have a user's machine ask for what only that machine can reach: other services on it, in its network, or its cloud's.
/// </remarks>
internal sealed class RegistryOrigin(string name, RegistryHost host)
{
    private const int MaximumUrlLength = 16 << 10;
    private readonly Lock _lock = new();

    // Null until it is found.
    private AddressKind? _kind = Addresses.KindOf(host.Host);

    /// <summary>As the user knows it.</summary>
    public string Name { get; } = name;

    /// <summary>Whether it is on this machine, as its name says.</summary>
    public bool IsLoopback => Addresses.KindOf(host.Host) == AddressKind.Loopback;

    /// <summary>A URL of the registry's.</summary>
    public Uri Url(bool plain, string path) => new($"{(plain ? Uri.UriSchemeHttp : Uri.UriSchemeHttps)}://{host.Authority}{path}");

    /// <summary>Whether it is the registry's host, whatever the port.</summary>
    public bool IsHost(string other) => other.Trim('[', ']').Equals(host.Host, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is the registry itself, its port too: what the user allows with it counts for nobody else.</summary>
    public bool IsItself(Uri url) => IsHost(url.IdnHost) && (host.Port is { } port ? url.Port == port : url.IsDefaultPort);

    /// <summary>Whether two URLs are of one server.</summary>
    public static bool IsSame(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && one.IdnHost.Equals(other.IdnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Tells where the registry was found: one inside a network may name other places inside it. Where it was first counts; one that is found outside, too, has no such right.
    /// </summary>
    public void FoundAt(IPAddress address)
    {
        var kind = Addresses.KindOf(address);
        lock (_lock) _kind = _kind is null || kind == AddressKind.Public ? kind : _kind;
    }

    /// <summary>Whether the registry itself may be at the address: anywhere at first; after that its name, which its owner can change, leads nowhere else inside.</summary>
    public bool MayBeAt(IPAddress address)
    {
        var kind = Addresses.KindOf(address);
        lock (_lock) return _kind is null || kind == _kind || Allows(kind);
    }

    /// <summary>Whether the registry may lead us to the address.</summary>
    public bool Allows(IPAddress address) => Allows(Addresses.KindOf(address));

    /// <summary>Reads a URL that the registry, or who it led us to, names.</summary>
    /// <param name="text">Absolute, or relative to <paramref name="from"/>.</param>
    /// <param name="from">The URL whose answer named it.</param>
    /// <param name="what">What it is, for messages, such as <c>a redirect</c>.</param>
    /// <exception cref="InputException">It leads where no registry may lead us.</exception>
    public Uri Resolve(string text, Uri from, string what)
    {
        if (text.Length > MaximumUrlLength || ExactUri.Resolve(from, text) is not { } url) throw Wrong($"{what} leads to what is no URL");
        return Check(url, from.Scheme == Uri.UriSchemeHttps, what);
    }

    /// <summary>Checks a URL as <see cref="Resolve"/> does.</summary>
    /// <param name="url">Absolute.</param>
    /// <param name="needsTls">Whether it must be https.</param>
    /// <param name="what">What it is, for messages.</param>
    public Uri Check(Uri url, bool needsTls, string what)
    {
        if (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp) throw Wrong($"{what} leads to a URL that is neither https nor http");
        if (needsTls && url.Scheme != Uri.UriSchemeHttps) throw Wrong($"{what} leads from https to http, to {RegistryHost.NameOf(url.IdnHost)}");
        if (url.UserInfo.Length > 0) throw Wrong($"{what} leads to a URL with a user's name in it");
        if (url.IdnHost.Length == 0) throw Wrong($"{what} leads to a URL without a host");

        // Letters that resolvers take for others.
        if (!Ascii.IsValid(url.Host)) throw Wrong($"{what} leads to a host whose name is not ASCII");
        if (!IsHost(url.IdnHost) && Addresses.KindOf(url.IdnHost) is { } kind && !Allows(kind)) throw NotAllowed(url.IdnHost, what);
        return url;
    }

    /// <summary>The error for a place that the registry may not lead us to.</summary>
    public InputException NotAllowed(string other, string what) =>
        new($"{what} leads to {RegistryHost.NameOf(other)}, an address inside this machine or its network, where no registry outside has to lead", new(Name));

    private bool Allows(AddressKind kind) => kind switch
    {
        AddressKind.Public => true,
        AddressKind.Private => _kind is AddressKind.Private or AddressKind.Loopback,
        AddressKind.Unusable => false,
        _ => kind == _kind,
    };

    private InputException Wrong(string what) => new(what, new(Name));
}
