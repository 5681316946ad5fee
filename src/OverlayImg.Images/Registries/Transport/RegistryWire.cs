using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>
/// Sends single requests to one registry and to the servers that it names, such as token servers. The class follows no
/// redirects and retries nothing.
/// </summary>
internal sealed class RegistryWire : IDisposable
{
    private const int MaximumHeaderKilobytes = 64;

    // An address that does not respond must leave time for the host's other addresses.
    private static readonly TimeSpan AddressTime = TimeSpan.FromSeconds(10);
    private static readonly string Agent = $"overlayimg/{Version()}";

    private readonly RegistryOptions _options;
    private readonly RegistryOrigin _origin;
    private readonly TrustedAuthorities _authorities;
    private readonly Route _toRegistry;
    private readonly Route _toOthers;
    private readonly ConcurrentDictionary<string, bool> _answered = new(StringComparer.Ordinal);

    public RegistryWire(RegistryOptions options, RegistryOrigin origin, TrustedAuthorities authorities)
    {
        (_options, _origin, _authorities) = (options, origin, authorities);
        _toRegistry = NewRoute(ConnectToRegistryAsync, IsTrustedRegistry);
        _toOthers = NewRoute(ConnectToOthersAsync, IsTrusted);
    }

    /// <summary>Whether the registry showed a certificate, valid or not. Such a registry uses TLS.</summary>
    public bool SawCertificate { get; private set; }

    /// <summary>Sends a request, and returns the response as soon as its headers have arrived.</summary>
    /// <exception cref="LostConnectionException">The connection broke or stalled.</exception>
    /// <exception cref="MachineException">The server can't be reached.</exception>
    /// <exception cref="InputException">The response is not HTTP or its headers are too long, or the registry is not
    /// allowed to name the host.</exception>
    public async Task<RegistryResponse> SendAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        var host = NameOf(request.Url);
        var watch = new StallWatch(_options.Limits, cancellationToken);
        try
        {
            using var message = request.ToMessage(watch);
            message.Headers.TryAddWithoutValidation("User-Agent", Agent);
            (message.Version, message.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionOrLower);
            var response = await InvokerFor(request.Url).SendAsync(message, watch.Token);
            _answered.TryAdd(host, true);
            watch.Restart();
            return new(response, request, host, watch);
        }
        catch (Exception exception)
        {
            var isStalled = watch.IsStalled;
            watch.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (isStalled) throw new LostConnectionException($"{host} does not answer", exception);
            var isRegistry = _origin.IsItself(request.Url);
            var peer = new WirePeer(host, isRegistry, isRegistry && SawCertificate, _answered.ContainsKey(host));
            if (WireErrors.Translate(exception, peer) is { } error) throw error;
            throw;
        }
    }

    public void Dispose()
    {
        _toRegistry.Dispose();
        _toOthers.Dispose();
    }

    // A proxy can't reach the loopback addresses of this machine.
    private HttpMessageInvoker InvokerFor(Uri url)
    {
        var route = _origin.IsItself(url) ? _toRegistry : _toOthers;
        return Addresses.KindOf(url.IdnHost) != AddressKind.Loopback && !_options.Environment.Proxy.IsBypassed(url) ? route.ByProxy : route.Direct;
    }

    private Route NewRoute(Func<DnsEndPoint, CancellationToken, Task<Stream>> connectAsync, RemoteCertificateValidationCallback isTrusted)
    {
        var byProxy = Handler(ConnectToProxyAsync, isTrusted);
        (byProxy.UseProxy, byProxy.Proxy) = (true, _options.Environment.Proxy);
        return new(new(Handler(connectAsync, isTrusted)), new(byProxy));
    }

    private SocketsHttpHandler Handler(
        Func<DnsEndPoint, CancellationToken, Task<Stream>> connectAsync, RemoteCertificateValidationCallback isTrusted) => new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = _options.Limits.ConnectTime,
            MaxResponseHeadersLength = MaximumHeaderKilobytes,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ActivityHeadersPropagator = null,
            // Latin-1 keeps each byte of a URL, so that the request has the URL exactly as the server sent it.
            ResponseHeaderEncodingSelector = (name, _) => name == "Location" ? Encoding.Latin1 : null,
            ConnectCallback = async (context, cancellationToken) => await connectAsync(context.DnsEndPoint, cancellationToken),
            SslOptions = new() { RemoteCertificateValidationCallback = isTrusted },
        };

    private async Task<Stream> ConnectToRegistryAsync(DnsEndPoint endPoint, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(endPoint.Host, cancellationToken);
        var allowed = Array.FindAll(addresses, _origin.MayBeAt);
        if (allowed.Length == 0 && addresses.Length > 0) throw _origin.NotAllowed(endPoint.Host, "its own name");
        var (stream, address) = await ConnectAsync(allowed, endPoint.Port, cancellationToken);
        _origin.FoundAt(address);
        return stream;
    }

    // Only the proxy can resolve the target address, so only the target's name is checked.
    private async Task<Stream> ConnectToProxyAsync(DnsEndPoint endPoint, CancellationToken cancellationToken) =>
        (await ConnectAsync(await ResolveAsync(endPoint.Host, cancellationToken), endPoint.Port, cancellationToken)).Stream;

    private async Task<Stream> ConnectToOthersAsync(DnsEndPoint endPoint, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(endPoint.Host, cancellationToken);
        var allowed = Array.FindAll(addresses, _origin.Allows);
        if (allowed.Length == 0 && addresses.Length > 0) throw _origin.NotAllowed(endPoint.Host, "a response");
        return (await ConnectAsync(allowed, endPoint.Port, cancellationToken)).Stream;
    }

    private Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var literal)
            ? Task.FromResult(new[] { literal }) : _options.Environment.ResolveAsync(host, cancellationToken);

    private async Task<(Stream Stream, IPAddress Address)> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        foreach (var address in addresses[..^Math.Min(1, addresses.Length)])
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(AddressTime);
            try
            {
                return (await _options.Environment.ConnectAsync(new(address, port), limit.Token), address);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // The host's next address may accept the connection.
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        if (addresses.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
        return (await _options.Environment.ConnectAsync(new(addresses[^1], port), cancellationToken), addresses[^1]);
    }

    private bool IsTrustedRegistry(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // An https proxy shows a certificate, too. Its certificate is not the registry's.
        if (sender is not SslStream { TargetHostName: var name } || !_origin.IsHost(name)) return IsTrusted(sender, certificate, chain, errors);
        SawCertificate |= certificate is not null;
        return _options.SkipTlsVerification.Contains(_origin.Name) || IsTrusted(sender, certificate, chain, errors);
    }

    // An exception belongs to its connection. A flag would also blame the certificate for failures of other connections to the same host.
    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None || (IsVouchedFor(certificate, chain, errors) ? true : throw new UntrustedCertificateException());

    private bool IsVouchedFor(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.RemoteCertificateChainErrors && certificate is X509Certificate2 leaf && chain is not null
        && _authorities.Vouch(leaf, chain);

    private static string NameOf(Uri url) => url.IsDefaultPort ? RegistryHost.NameOf(url.IdnHost) : $"{RegistryHost.NameOf(url.IdnHost)}:{url.Port}";

    private static string Version() =>
        (typeof(RegistryWire).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+')[0];

    /// <summary>The HTTP clients, without and with the proxy, for servers whose certificates are verified in the same way.</summary>
    private sealed record Route(HttpMessageInvoker Direct, HttpMessageInvoker ByProxy) : IDisposable
    {
        public void Dispose()
        {
            Direct.Dispose();
            ByProxy.Dispose();
        }
    }
}
