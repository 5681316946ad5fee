using System.Net.Sockets;
using OverlayImg.Images.Json;
using OverlayImg.Images.Settings;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>Translates the failure of a request that got no response into an error for the user.</summary>
internal static class WireErrors
{
    private const string OwnCertificates = "Put the issuer's certificate in a file that SSL_CERT_FILE names";

    /// <summary>Returns the error for the user; null if the exception is a bug of the tool.</summary>
    public static OverlayImgException? Translate(Exception exception, WirePeer peer)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is OverlayImgException known) return known;
            if (inner is UntrustedCertificateException) return Untrusted(exception, peer);
        }

        var host = peer.Name;
        return ((exception as HttpRequestException)?.HttpRequestError ?? (exception as HttpIOException)?.HttpRequestError) switch
        {
            HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError => Unreachable(exception, peer),
            HttpRequestError.SecureConnectionError => NoTls(exception, peer),
            HttpRequestError.ProxyTunnelError or HttpRequestError.UserAuthenticationError =>
                new MachineException($"The proxy does not connect to {host}: {Innermost(exception)}", exception)
                {
                    Advice = "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
                },
            HttpRequestError.ConfigurationLimitExceeded => new InputException("sends response headers above the size limit", new(host), exception),
            HttpRequestError.InvalidResponse => new InputException("sends a response that is not HTTP", new(host), exception),
            _ => exception switch
            {
                OperationCanceledException => Unreachable($"{host} can't be reached: the server accepts no connection", exception, peer.HasAnswered),
                HttpRequestException or IOException or SocketException => new LostConnectionException($"{host} breaks off the connection", exception),
                _ => null,
            },
        };
    }

    private static MachineException Untrusted(Exception exception, WirePeer peer) =>
        new($"{peer.Name} shows a certificate that is not trusted", exception)
        {
            Advice = peer.IsRegistry
                ? new Advice(
                    $"{OwnCertificates}, or, if you are sure of the server's identity, skip the check of its certificate.",
                    ImageSetting.TlsVerification)
                : $"{OwnCertificates}.",
        };

    // A handshake that breaks off says nothing about the certificate, and another attempt may succeed. A failed
    // handshake, or a response without TLS, is final.
    private static MachineException NoTls(Exception exception, WirePeer peer)
    {
        var advice = peer is { IsRegistry: true, SpeaksTls: false }
            ? new Advice("If the registry does not support TLS, allow plain HTTP.", ImageSetting.PlainHttp)
            : null;
        return exception.InnerException is IOException or SocketException
            ? new LostConnectionException($"{peer.Name} breaks off the connection during the TLS handshake", exception) { Advice = advice }
            : new MachineException($"The TLS handshake with {peer.Name} fails: {Innermost(exception)}", exception) { Advice = advice };
    }

    private static MachineException Unreachable(Exception exception, WirePeer peer)
    {
        var error = (exception.GetBaseException() as SocketException)?.SocketErrorCode;
        var isUnknown = error is SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData
            || exception is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError };
        var what = isUnknown
            ? $"There is no host {peer.Name}, or no network to resolve its name" : $"{peer.Name} can't be reached: {Innermost(exception)}";
        return Unreachable(what, exception, peer.HasAnswered || error == SocketError.TryAgain);
    }

    // A server that has responded in this run exists, and may be restarting.
    private static MachineException Unreachable(string what, Exception exception, bool isForNow) =>
        isForNow ? new LostConnectionException(what, exception) : new MachineException(what, exception);

    private static string Innermost(Exception exception) => JsonInput.Printable(exception.GetBaseException().Message.TrimEnd('.'));
}

/// <summary>The server of a failed request.</summary>
/// <param name="Name">The host, with its port if that is not the default one.</param>
/// <param name="IsRegistry">Whether the server is the registry that the user named.</param>
/// <param name="SpeaksTls">Whether the server has shown a certificate, valid or not.</param>
/// <param name="HasAnswered">Whether the server has responded to a request of this run.</param>
internal readonly record struct WirePeer(string Name, bool IsRegistry, bool SpeaksTls, bool HasAnswered);
