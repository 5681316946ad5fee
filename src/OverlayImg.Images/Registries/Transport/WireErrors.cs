using System.Net.Sockets;

namespace OverlayImg.Images;

/// <summary>Says what it means when a request fails before there is an answer.</summary>
internal static class WireErrors
{
    /// <summary>The error for the user; null where the exception is a bug of ours.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="host">Whom the request was for.</param>
    /// <param name="sawCertificate">Whether TLS came as far as a certificate.</param>
    public static OverlayImgException? Translate(Exception exception, string host, bool sawCertificate)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is OverlayImgException known) return known;
        }

        var reason = (exception as HttpRequestException)?.HttpRequestError ?? (exception as HttpIOException)?.HttpRequestError;
        return reason switch
        {
            HttpRequestError.NameResolutionError => Unknown(host, exception),
            HttpRequestError.ConnectionError => exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain }
                ? Unknown(host, exception) : new MachineException($"{host} can't be reached: {Innermost(exception)}", exception),
            HttpRequestError.SecureConnectionError when sawCertificate => new MachineException($"{host} shows a certificate that is not to be trusted", exception)
            {
                Advice = "Put the certificate of who issued it in a file that SSL_CERT_FILE names, or use --tls-no-verify if you know who answers there.",
            },
            HttpRequestError.SecureConnectionError => new MachineException($"{host} can't be spoken to by TLS: {Innermost(exception)}", exception)
            {
                Advice = "Use --plain-http if it is a registry that knows no TLS.",
            },
            HttpRequestError.ProxyTunnelError or HttpRequestError.UserAuthenticationError =>
                new MachineException($"The proxy does not connect to {host}: {Innermost(exception)}", exception) { Advice = "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY." },
            HttpRequestError.ConfigurationLimitExceeded => new InputException("answers with headers longer than any sound server's", new(host), exception),
            HttpRequestError.InvalidResponse => new InputException("answers with what is no HTTP", new(host), exception),
            _ => exception switch
            {
                OperationCanceledException => new MachineException($"{host} can't be reached: it does not take a connection", exception),
                HttpRequestException or IOException or SocketException => new LostConnectionException($"{host} breaks off the connection", exception),
                _ => null,
            },
        };
    }

    private static MachineException Unknown(string host, Exception exception) =>
        new($"There is no host {host}, or no network to ask for it", exception);

    private static string Innermost(Exception exception) => JsonInput.Printable(exception.GetBaseException().Message.TrimEnd('.'));
}
