using System.Collections.Frozen;

namespace OverlayImg.Images.Registries.Options;

/// <summary>The user's options for access to registries.</summary>
public sealed record RegistryOptions
{
    /// <summary>
    /// The registries that are accessed by plain HTTP, named as in references, with their ports. Registries on a
    /// loopback address need no entry: a probe finds out whether they use TLS.
    /// </summary>
    public IReadOnlySet<string> PlainHttp { get; init; } = FrozenSet<string>.Empty;

    /// <summary>
    /// The registries whose certificates are not verified, named as in references, with their ports. The certificates
    /// of other servers, such as targets of redirects, are always verified.
    /// </summary>
    public IReadOnlySet<string> SkipTlsVerification { get; init; } = FrozenSet<string>.Empty;

    /// <summary>The path of a credentials file in docker's format; null for the default files of docker and podman.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>Receives each warning, a whole sentence; null to drop warnings.</summary>
    public Action<string>? Warn { get; init; }

    internal RegistryLimits Limits { get; init; } = new();

    internal RegistryEnvironment Environment { get; init; } = new();
}
