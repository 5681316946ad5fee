using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Ready;

/// <summary>This machine's bundle of CA certificates, and the paths of the bundle in an image (dockerTools' caCertificates).</summary>
internal static class CertificateBundle
{
    /// <summary>Path of the bundle in the image.</summary>
    public const string Path = "etc/ssl/certs/ca-certificates.crt";

    // The bundles of Linux distributions have some 256 KiB.
    private const int MaximumLength = 16 << 20;

    private static readonly string[] HostVariables = ["SSL_CERT_FILE", "NIX_SSL_CERT_FILE"];
    private static readonly string[] HostPaths = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

    /// <summary>The links to the bundle: path in the image and target.</summary>
    public static (string Path, string Target)[] Links { get; } =
    [
        ("etc/ssl/certs/ca-bundle.crt", "ca-certificates.crt"),
        ("etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"),
    ];

    /// <summary>Reads the bundle that <c>$SSL_CERT_FILE</c> or <c>$NIX_SSL_CERT_FILE</c> names, otherwise the system's.</summary>
    /// <exception cref="InputException">The file that a variable names is no bundle of certificates.</exception>
    /// <exception cref="MachineException">This machine has no bundle.</exception>
    public static FileContent Read()
    {
        var path = HostVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value))
            ?? HostPaths.FirstOrDefault(File.Exists)
            ?? throw new MachineException("This machine has no bundle of CA certificates")
            {
                Advice = "Install the package ca-certificates, or name a bundle in $SSL_CERT_FILE.",
            };
        var bytes = InputFile.ReadAll(path, MaximumLength, "a bundle of CA certificates");
        return bytes.AsSpan().IndexOf("-----BEGIN CERTIFICATE-----"u8) >= 0
            ? new MemoryContent(bytes)
            : throw new InputException("has no certificate in PEM form", new(path))
            {
                Advice = "Name a bundle of CA certificates in $SSL_CERT_FILE.",
            };
    }
}
