namespace OverlayImg.FileSystems.Tar;

/// <summary>How a node with several names is written.</summary>
public enum TarHardLinks
{
    /// <summary>As GNU tar: of regular files and symbolic links the first name carries the content and the others are links to it;
    /// devices and pipes are written for each name.</summary>
    LikeGnuTar,

    /// <summary>Every group of names stays one, devices and pipes too: what a layer needs that shall show what its script saw.</summary>
    Preserve,

    /// <summary>Each name carries the content (<c>tar --hard-dereference</c>).</summary>
    Dereference,
}

/// <summary>What <see cref="TarTreeWriter"/> writes other than the tree has it.</summary>
public sealed record TarWriterOptions
{
    /// <summary>
    /// The default of <see cref="MaximumSize"/>, 1 TiB. A sparse file of a few bytes can claim 16 TiB, and a tar holds its holes as zeros: at the speed of
    /// SHA-256 (1 to 2 GB/s) they cost hours. No registry takes a layer of a tenth of this size.
    /// </summary>
    public const long DefaultMaximumSize = 1L << 40;

    /// <summary>The most that the files of the archive may add up to, in bytes, holes included. What exceeds it is refused before anything is written.</summary>
    public long MaximumSize { get; init; } = DefaultMaximumSize;

    /// <summary>The time of every entry (<c>--mtime</c>); null for each node's own, in whole seconds.</summary>
    public Timestamp? MTime { get; init; }

    /// <summary>What becomes of hard links.</summary>
    public TarHardLinks HardLinks { get; init; }

    /// <summary>The owner of every entry (<c>--owner</c>); null for each node's own.</summary>
    public uint? Uid { get; init; }

    /// <summary>The group of every entry (<c>--group</c>); null for each node's own.</summary>
    public uint? Gid { get; init; }

    /// <summary>Name of every entry's owner; null for GNU tar's, which is <c>root</c> for the owner 0 and none for others.</summary>
    public ByteString? Uname { get; init; }

    /// <summary>Name of every entry's group; null for GNU tar's, as for <see cref="Uname"/>.</summary>
    public ByteString? Gname { get; init; }

    /// <summary>What names begin with.</summary>
    public TarNames Names { get; init; }

    /// <summary>Whose headers are written.</summary>
    public TarFormat Format { get; init; }

    /// <summary>Whether extended attributes are written; entries that have some then are PAX entries.</summary>
    public bool Xattrs { get; init; } = true;
}
