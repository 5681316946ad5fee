using OverlayImg.FileSystems.Exclusions;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>The metadata that <see cref="HostTree"/> takes from the host.</summary>
public sealed record HostTreeOptions
{
    /// <summary>Numeric user ID for every file; null keeps the host's user ID.</summary>
    public uint? Uid { get; init; }

    /// <summary>Numeric group ID for every file; null keeps the host's group ID.</summary>
    public uint? Gid { get; init; }

    /// <summary>
    /// Whether extended attributes are read: <c>user.</c>, <c>trusted.</c> (visible to root only), <c>security.</c> and POSIX ACLs. Attributes
    /// that describe the host are always left out: <c>security.selinux</c>, <c>security.evm</c>, NFSv4 ACLs and all other namespaces.
    /// </summary>
    public bool Xattrs { get; init; } = true;

    /// <summary>The files that are left out, by their paths below the directory; null for none.</summary>
    public ExclusionList? Exclusions { get; init; }

    /// <summary>
    /// Whether content is refused after any change of the inode since the scan. That includes a write with a restored modification time, a new
    /// mode and a new hard link.
    /// </summary>
    public bool NoticesEveryChange { get; init; }
}
