namespace OverlayImg.Images.Registries.Transport;

/// <summary>A server's certificate is not trusted. The sender of the request translates this exception and names the server.</summary>
internal sealed class UntrustedCertificateException() : Exception("The certificate is not trusted.");
