namespace OverlayImg.Caching;

/// <summary>The settings that the messages of this project name.</summary>
public static class CacheSetting
{
    /// <summary>The directory of the cache, which also has the temporary files.</summary>
    public static Setting Directory { get; } = new("directory of the cache");
}
