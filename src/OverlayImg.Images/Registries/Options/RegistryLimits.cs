namespace OverlayImg.Images.Registries.Options;

/// <summary>How long a registry is waited for, and how often it is asked again.</summary>
internal sealed record RegistryLimits
{
    /// <summary>Transfers that are under way with a registry at once.</summary>
    public const int MaximumTransfers = 4;

    /// <summary>Until a connection is there, TLS included.</summary>
    public TimeSpan ConnectTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Until an answer's headers are there, and for each <see cref="LeastMove"/> after them.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes that must move within <see cref="Patience"/>, which is 4 KiB for each second: a server that sends some now and then stands still.</summary>
    public int LeastMove { get; init; } = 240 << 10;

    /// <summary>Until a manifest, a token or an error has come whole, from its headers on: they are small.</summary>
    public TimeSpan DocumentTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Bytes of a blob for each second that a registry may take longer than <see cref="Patience"/> to answer its upload: it reads all of it again before.
    /// </summary>
    public long CommitRate { get; init; } = 4 << 20;

    /// <summary>How often a request is sent in all.</summary>
    public int Tries { get; init; } = 4;

    /// <summary>Before the second try; each further delay is twice as long.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>No server makes us wait longer.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How often a transfer is taken up again that did not move by <see cref="Progress"/> meanwhile.</summary>
    public int Reconnects { get; init; } = 5;

    /// <summary>Bytes that a connection must bring to count as none lost.</summary>
    public long Progress { get; init; } = 1 << 20;

    /// <summary>Bytes of a chunk of an upload, unless the registry wants more.</summary>
    public long Chunk { get; init; } = 64 << 20;

    /// <summary>A registry that takes no chunks of this many bytes is given up.</summary>
    public long SmallestChunk { get; init; } = 1 << 20;

    /// <summary>Until a credential helper has ended.</summary>
    public TimeSpan HelperTime { get; init; } = TimeSpan.FromSeconds(60);
}
