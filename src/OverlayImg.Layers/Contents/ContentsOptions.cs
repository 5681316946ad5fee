using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Exclusions;

namespace OverlayImg.Layers.Contents;

/// <summary>Options for merging contents into a tree.</summary>
internal sealed record ContentsOptions
{
    /// <summary>How the contents of a layer are merged by the defaults of a dialect.</summary>
    public static ContentsOptions Of(LayerContents contents, Dialect dialect) => new()
    {
        KeepDirectoryLinks = contents.KeepDirlinks ?? dialect.KeepsDirectoryLinks,
        ReportsCopiedLinks = contents.KeepDirlinks is null,
        StoreDirectory = ByteString.FromText(contents.StoreDirectory),
        LinksIntoStore = contents.LinksIntoStore,
        Exclusions = contents.Exclusions,
        ReadsIgnoreFiles = dialect.ReadsIgnoreFiles && !contents.ReplacesIgnoreFiles,
        Dialect = dialect,
    };

    /// <summary>Whether symbolic links to directories stay links: rsync's <c>-K</c> instead of <c>-k</c>.</summary>
    public bool KeepDirectoryLinks { get; init; }

    /// <summary>Whether a warning counts the symbolic links in whose place directories are copied: where a default copies them.</summary>
    public bool ReportsCopiedLinks { get; init; }

    /// <summary>Absolute path of the store. Links from the contents into the store are followed.</summary>
    public ByteString StoreDirectory { get; init; } = ByteString.FromText("/nix/store");

    /// <summary>Whether hard links in host directories are kept. For archives <see cref="Dialect"/> decides.</summary>
    public bool KeepHardLinks { get; init; }

    /// <summary>The defaults for owners, hard links and the root directory.</summary>
    public Dialect Dialect { get; init; } = Dialect.Dockerfile;

    /// <summary>
    /// Whether the contents are a root file system. A directory that root unpacked then keeps its owners, as a tarball does.
    /// </summary>
    public bool AreRootFileSystem { get; init; }

    /// <summary>Whether items in the store become directories with links to the store's files (<see cref="SymlinkJoin"/>).</summary>
    public bool LinksIntoStore { get; init; }

    /// <summary>Files that are left out of every item; null for none. They count after the patterns of ignore files.</summary>
    public ExclusionList? Exclusions { get; init; }

    /// <summary>Whether the ignore file in a directory of the contents counts.</summary>
    public bool ReadsIgnoreFiles { get; init; }

    /// <summary>User ID of every file; null for the dialect's default.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group ID of every file; null for the dialect's default.</summary>
    public uint? Gid { get; init; }

    /// <summary>Whether extended attributes are kept.</summary>
    public bool Xattrs { get; init; } = true;
}
