namespace OverlayImg.Images.Registries.Options;

/// <summary>The timeouts, retry counts and chunk sizes of a registry client.</summary>
internal sealed record RegistryLimits
{
    /// <summary>Maximum number of concurrent transfers with one registry.</summary>
    public const int MaximumTransfers = 4;

    /// <summary>Maximum time to connect, including the TLS handshake.</summary>
    public TimeSpan ConnectTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Maximum time until the response headers arrive, and then for each <see cref="LeastMove"/> bytes of the body.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes that must be transferred within each <see cref="Patience"/>, else the transfer counts as stalled.</summary>
    public int LeastMove { get; init; } = 240 << 10;

    /// <summary>Maximum time for the whole body of a manifest, a token or an error, counted from its headers.</summary>
    public TimeSpan DocumentTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Bytes per second at which a registry must read an uploaded blob again before it responds. The blob's size
    /// divided by the rate is added to <see cref="Patience"/>.
    /// </summary>
    public long CommitRate { get; init; } = 4 << 20;

    /// <summary>Maximum number of attempts for a request, the first one included.</summary>
    public int Tries { get; init; } = 4;

    /// <summary>Delay before the second attempt. Each further delay is twice as long.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Maximum delay before an attempt. A response that asks for a longer delay is final.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Maximum number of times in a row that a transfer is resumed without <see cref="Progress"/>.</summary>
    public int Reconnects { get; init; } = 5;

    /// <summary>Bytes that a transfer must gain for the count of <see cref="Reconnects"/> to restart.</summary>
    public long Progress { get; init; } = 1 << 20;

    /// <summary>Size of an upload's chunks in bytes, unless the registry requires larger ones.</summary>
    public long Chunk { get; init; } = 64 << 20;

    /// <summary>Smallest chunk in bytes. The upload fails if the registry refuses chunks of this size as too large.</summary>
    public long SmallestChunk { get; init; } = 1 << 20;

    /// <summary>Maximum run time of a credential helper.</summary>
    public TimeSpan HelperTime { get; init; } = TimeSpan.FromSeconds(60);
}
