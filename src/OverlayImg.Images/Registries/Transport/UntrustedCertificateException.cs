namespace OverlayImg.Images.Registries.Transport;

/// <summary>A server showed a certificate that is not to be trusted. Who sent the request says which server.</summary>
internal sealed class UntrustedCertificateException() : Exception("The certificate is not to be trusted.");
