using OverlayImg.FileSystems;

namespace OverlayImg.Builders.Contents;

/// <summary>How contents become a tree.</summary>
internal sealed record ContentsOptions
{
    /// <summary><c>--keep-contents-dirlinks</c>: rsync's <c>-K</c> in the place of <c>-k</c>.</summary>
    public bool KeepDirectoryLinks { get; init; }

    /// <summary><c>--store-dir</c>: links that lead into it are followed out of the contents. Absolute.</summary>
    public ByteString StoreDirectory { get; init; } = ByteString.FromText("/nix/store");

    /// <summary>Whether the names of one file stay names of one file; otherwise each becomes a file of its own, as rsync does it.</summary>
    public bool KeepHardLinks { get; init; }

    /// <summary>Whether the files of items that lie in the store become links to where they are (<see cref="SymlinkJoin"/>).</summary>
    public bool LinksIntoStore { get; init; }

    /// <summary>Owner of everything.</summary>
    public uint Uid { get; init; }

    /// <summary>Group of everything.</summary>
    public uint Gid { get; init; }

    /// <summary>Whether extended attributes are taken along.</summary>
    public bool Xattrs { get; init; } = true;
}
