namespace OverlayImg.Sandbox.Jobs;

/// <summary>What has become of a cache when its job ended (vm-images/PROTOCOL.md, CACHE).</summary>
public enum CacheState
{
    /// <summary>All of it is written: later jobs can have it.</summary>
    Clean,

    /// <summary>It is sound, and has no room left for later jobs.</summary>
    Full,

    /// <summary>Its file system is damaged, or a write failed.</summary>
    Damaged,

    /// <summary>It could not be mounted; the scripts had an empty directory in its place.</summary>
    Unusable,
}
