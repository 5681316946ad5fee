using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OverlayImg.Images.Registries.Options;

/// <summary>
/// The authorities that this machine trusts for one registry besides those for everybody: <c>*.crt</c> in the directories that docker (<c>certs.d</c>) and containers
/// (containers-certs.d(5)) have for it.
/// </summary>
internal sealed class TrustedAuthorities(IReadOnlyList<string> directories)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly Lazy<X509Certificate2Collection> _certificates = new(() => Load(directories));

    /// <summary>Those for a registry.</summary>
    /// <param name="registry">Its name, with its port.</param>
    public static TrustedAuthorities For(string registry) =>
        new([$"/etc/containers/certs.d/{registry}", $"/etc/docker/certs.d/{registry}"]);

    /// <summary>Whether one of them stands behind a certificate that the machine's own do not know.</summary>
    /// <param name="leaf">The server's.</param>
    /// <param name="presented">What the server showed with it.</param>
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
        foreach (var file in directories.Where(Directory.Exists).SelectMany(directory => Directory.GetFiles(directory, "*.crt")).Order(StringComparer.Ordinal))
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
