namespace OverlayImg.Images;

/// <summary>How registries are spoken to, as the user says.</summary>
public sealed record RegistryOptions
{
    /// <summary>Speak http without TLS to the registry. Registries on this machine are spoken to so without being asked, where they know no TLS.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>Believe any certificate.</summary>
    public bool SkipTlsVerification { get; init; }

    /// <summary>The file with the credentials, in docker's form, instead of those at the usual places.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>Told what the user should know though it is no error: a whole sentence.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>How long and how much.</summary>
    internal RegistryLimits Limits { get; init; } = new();

    /// <summary>The machine.</summary>
    internal RegistrySurroundings Surroundings { get; init; } = new();
}
