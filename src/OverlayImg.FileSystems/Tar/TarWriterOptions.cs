namespace OverlayImg.FileSystems.Tar;

/// <summary>How a node with several names is written.</summary>
public enum TarHardLinks
{
    /// <summary>Like GNU tar: for regular files and symbolic links the first name has the content, and the others are hard links to it.
    /// Devices and pipes are written once for each name.</summary>
    LikeGnuTar,

    /// <summary>Hard links are kept for all types. Layers of scripts need this, because a container must see what the script saw.</summary>
    Preserve,

    /// <summary>Each name has the content (<c>tar --hard-dereference</c>).</summary>
    Dereference,
}

/// <summary>The format of an archive of a tree, and metadata that replaces the tree's.</summary>
public sealed record TarWriterOptions
{
    /// <summary>
    /// The default of <see cref="MaximumSize"/>: 1 TiB. A sparse file of a few bytes can claim 16 TiB, and a tar stores its holes as zeros, which
    /// take hours to hash at the speed of SHA-256 (1 to 2 GB/s). No registry accepts a layer of a tenth of this size.
    /// </summary>
    public const long DefaultMaximumSize = 1L << 40;

    /// <summary>Limit on the total size of the archive's files in bytes, holes included. It is checked before anything is written.</summary>
    public long MaximumSize { get; init; } = DefaultMaximumSize;

    /// <summary>Time of every entry (<c>--mtime</c>), in whole seconds; null for each node's own time.</summary>
    public Timestamp? MTime { get; init; }

    /// <summary>How hard links are written.</summary>
    public TarHardLinks HardLinks { get; init; }

    /// <summary>Numeric user ID of every entry (<c>--owner</c>); null for each node's own.</summary>
    public uint? Uid { get; init; }

    /// <summary>Numeric group ID of every entry (<c>--group</c>); null for each node's own.</summary>
    public uint? Gid { get; init; }

    /// <summary>User name of every entry; null for the names of GNU tar: <c>root</c> for user ID 0, none for others.</summary>
    public ByteString? Uname { get; init; }

    /// <summary>Group name of every entry; null for the names of GNU tar: <c>root</c> for group ID 0, none for others.</summary>
    public ByteString? Gname { get; init; }

    /// <summary>The start of all names.</summary>
    public TarNames Names { get; init; }

    /// <summary>The format of the headers.</summary>
    public TarFormat Format { get; init; }

    /// <summary>Whether extended attributes are written. Entries with attributes become PAX entries.</summary>
    public bool Xattrs { get; init; } = true;
}
