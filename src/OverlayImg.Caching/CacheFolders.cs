namespace OverlayImg.Caching;

/// <summary>The names of the cache's folders.</summary>
public static class CacheFolders
{
    /// <summary>The disks of parent layers.</summary>
    public const string ParentDisks = "parents";

    /// <summary>Snapshots of guests.</summary>
    public const string Snapshots = "snapshots";

    /// <summary>The results of runs.</summary>
    public const string Results = "results";

    /// <summary>Blobs of registries.</summary>
    public const string Blobs = "blobs";

    /// <summary>The disks of cache mounts.</summary>
    public const string CacheMounts = "cache-mounts";
}
