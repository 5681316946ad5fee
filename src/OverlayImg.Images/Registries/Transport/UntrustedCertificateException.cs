using System.Diagnostics.CodeAnalysis;

namespace OverlayImg.Images;

/// <summary>A server showed a certificate that is not to be trusted. Who sent the request says which server.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Only RegistryWire throws it.")]
internal sealed class UntrustedCertificateException() : Exception("The certificate is not to be trusted.");
