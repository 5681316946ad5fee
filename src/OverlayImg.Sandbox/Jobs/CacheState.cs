namespace OverlayImg.Sandbox.Jobs;

/// <summary>State of a cache at the end of its job (vm-images/PROTOCOL.md, CACHE).</summary>
public enum CacheState
{
    /// <summary>The cache is unmounted and completely written. Later jobs can use it.</summary>
    Clean,

    /// <summary>The cache is intact but has too little free space for later jobs.</summary>
    Full,

    /// <summary>The file system of the cache has an error, or a write failed.</summary>
    Damaged,

    /// <summary>The cache could not be mounted. The scripts saw an empty directory in its place.</summary>
    Unusable,
}
