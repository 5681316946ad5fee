using System.Net.Sockets;
using OverlayImg.Images.Json;
using OverlayImg.Images.Settings;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>Says what it means when a request fails before there is an answer.</summary>
internal static class WireErrors
{
    private const string OwnCertificates = "Put the certificate of who issued it in a file that SSL_CERT_FILE names";

    /// <summary>The error for the user; null where the exception is a bug of ours.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="peer">Whom the request was for.</param>
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
                new MachineException($"The proxy does not connect to {host}: {Innermost(exception)}", exception) { Advice = "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY." },
            HttpRequestError.ConfigurationLimitExceeded => new InputException("answers with headers longer than any sound server's", new(host), exception),
            HttpRequestError.InvalidResponse => new InputException("answers with what is no HTTP", new(host), exception),
            _ => exception switch
            {
                OperationCanceledException => Unreachable($"{host} can't be reached: it does not take a connection", exception, peer.HasAnswered),
                HttpRequestException or IOException or SocketException => new LostConnectionException($"{host} breaks off the connection", exception),
                _ => null,
            },
        };
    }

    private static MachineException Untrusted(Exception exception, WirePeer peer) => new($"{peer.Name} shows a certificate that is not to be trusted", exception)
    {
        Advice = peer.IsRegistry
            ? new Advice($"{OwnCertificates}, or, if you know who answers there, do without a certificate that is trusted.", ImageSetting.TlsVerification)
            : $"{OwnCertificates}.",
    };

    // A handshake that is cut says nothing about the certificate, and may do better another time; one that is refused, or is no TLS, does not.
    private static MachineException NoTls(Exception exception, WirePeer peer)
    {
        var advice = peer is { IsRegistry: true, SpeaksTls: false }
            ? new Advice("If it is a registry that knows no TLS, allow plain HTTP.", ImageSetting.PlainHttp)
            : null;
        return exception.InnerException is IOException or SocketException
            ? new LostConnectionException($"{peer.Name} breaks off the connection before TLS is agreed on", exception) { Advice = advice }
            : new MachineException($"{peer.Name} can't be spoken to by TLS: {Innermost(exception)}", exception) { Advice = advice };
    }

    private static MachineException Unreachable(Exception exception, WirePeer peer)
    {
        var error = (exception.GetBaseException() as SocketException)?.SocketErrorCode;
        var isUnknown = error is SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData || exception is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError };
        var what = isUnknown ? $"There is no host {peer.Name}, or no network to ask for it" : $"{peer.Name} can't be reached: {Innermost(exception)}";
        return Unreachable(what, exception, peer.HasAnswered || error == SocketError.TryAgain);
    }

    // Who has answered is there, and begins anew perhaps.
    private static MachineException Unreachable(string what, Exception exception, bool isForNow) =>
        isForNow ? new LostConnectionException(what, exception) : new MachineException(what, exception);

    private static string Innermost(Exception exception) => JsonInput.Printable(exception.GetBaseException().Message.TrimEnd('.'));
}

/// <summary>A server, as far as it is known.</summary>
/// <param name="Name">The host, with its port.</param>
/// <param name="IsRegistry">Whether it is the registry that the user named.</param>
/// <param name="SpeaksTls">Whether it has shown a certificate, good or bad.</param>
/// <param name="HasAnswered">Whether it has answered a request of this run.</param>
internal readonly record struct WirePeer(string Name, bool IsRegistry, bool SpeaksTls, bool HasAnswered);
