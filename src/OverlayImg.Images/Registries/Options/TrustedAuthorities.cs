using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OverlayImg.Images.Registries.Options;

/// <summary>
/// The certificate authorities that are trusted for one registry in addition to the system's: <c>*.crt</c> in the
/// directories for the registry that docker (<c>certs.d</c>) and podman (containers-certs.d(5)) use.
/// </summary>
internal sealed class TrustedAuthorities(IReadOnlyList<string> directories)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly Lazy<X509Certificate2Collection> _certificates = new(() => Load(directories));

    /// <summary>Returns the authorities for a registry, named as in references, with its port.</summary>
    public static TrustedAuthorities For(string registry) =>
        new([$"/etc/containers/certs.d/{registry}", $"/etc/docker/certs.d/{registry}"]);

    /// <summary>Whether one of the authorities issued a certificate that no authority of the system issued.</summary>
    /// <param name="leaf">The server's certificate.</param>
    /// <param name="presented">The chain with the certificates that the server sent.</param>
    public bool Vouch(X509Certificate2 leaf, X509Chain presented)
    {
        if (_certificates.Value.Count == 0) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.ApplicationPolicy.Add(new(ServerAuthentication));
        chain.ChainPolicy.CustomTrustStore.AddRange(_certificates.Value);
        foreach (var element in presented.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(leaf);
    }

    private static X509Certificate2Collection Load(IReadOnlyList<string> directories)
    {
        var certificates = new X509Certificate2Collection();
        var files = directories.Where(Directory.Exists).SelectMany(directory => Directory.GetFiles(directory, "*.crt"));
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            try
            {
                certificates.ImportFromPemFile(file);
            }
            catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new MachineException($"{file} can't be read as certificates in PEM form", exception);
            }
        }

        return certificates;
    }
}
