using System.Collections.Frozen;

namespace OverlayImg.Images.Registries.Options;

/// <summary>How registries are spoken to, as the user says.</summary>
public sealed record RegistryOptions
{
    /// <summary>
    /// The registries that are spoken to by http without TLS, as references name them, with their ports. Those on this machine are spoken to so without being asked, where
    /// they know no TLS.
    /// </summary>
    public IReadOnlySet<string> PlainHttp { get; init; } = FrozenSet<string>.Empty;

    /// <summary>The registries whose certificates are believed whatever they are, as references name them, with their ports. Of no other host that they lead to.</summary>
    public IReadOnlySet<string> SkipTlsVerification { get; init; } = FrozenSet<string>.Empty;

    /// <summary>The file with the credentials, in docker's form, instead of those at the usual places.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>Told what the user should know though it is no error: a whole sentence.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>How long and how much.</summary>
    internal RegistryLimits Limits { get; init; } = new();

    /// <summary>The machine.</summary>
    internal RegistryEnvironment Environment { get; init; } = new();
}
