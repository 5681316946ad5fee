using OverlayImg.FileSystems.Exclusions;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>What <see cref="HostTree"/> takes over from the host.</summary>
public sealed record HostTreeOptions
{
    /// <summary>Owner of every file; null keeps the host's.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group of every file; null keeps the host's.</summary>
    public uint? Gid { get; init; }

    /// <summary>
    /// Whether extended attributes are read: <c>user.</c>, <c>trusted.</c> (visible to root alone), <c>security.</c> and POSIX ACLs. Those
    /// that tell of the host and not of the file are left out: <c>security.selinux</c>, <c>security.evm</c>, NFSv4 ACLs and every other namespace.
    /// </summary>
    public bool Xattrs { get; init; } = true;

    /// <summary>The files that are left out, by their paths below the directory; null for none.</summary>
    public ExclusionList? Exclusions { get; init; }

    /// <summary>
    /// Whether content is refused also where a file was written to and got its old time back: whatever is done to a file between reading the tree and
    /// reading the content counts, a new mode or another hard link too.
    /// </summary>
    public bool NoticesEveryChange { get; init; }
}
