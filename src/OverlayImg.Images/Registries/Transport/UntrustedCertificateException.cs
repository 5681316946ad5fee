namespace OverlayImg.Images;

/// <summary>
/// A server's certificate is not trusted. The handshake throws this; the sender of the request translates it and names
/// the server.
/// </summary>
internal sealed class UntrustedCertificateException() : Exception("The certificate is not trusted.");
