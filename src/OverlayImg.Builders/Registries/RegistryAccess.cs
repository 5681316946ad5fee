using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>How a run gets at registries, and what it keeps of them.</summary>
/// <param name="Options">How they are spoken to.</param>
/// <param name="CacheLimit">Bytes that the cache may take.</param>
public sealed record RegistryAccess(RegistryOptions Options, long CacheLimit)
{
    /// <summary>As registries are spoken to where nobody says anything.</summary>
    public static RegistryAccess Default { get; } = new(new(), CacheEntries.DefaultLimit);
}
