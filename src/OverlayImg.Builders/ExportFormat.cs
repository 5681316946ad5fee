namespace OverlayImg.Builders;

/// <summary>What an image's file system is exported as.</summary>
public enum ExportFormat
{
    /// <summary>A tar that keeps everything: hard links, owners, modes, times, devices, extended attributes.</summary>
    Tar,

    /// <summary>
    /// The tar of dockerTools' exportImage: what GNU tar writes for <c>--hard-dereference --sort=name --mtime=@SOURCE_DATE_EPOCH -C mnt .</c>,
    /// so each hard link is a file of its own, and there are no extended attributes.
    /// </summary>
    GnuHardDereference,

    /// <summary>An ext4 disk without partitions.</summary>
    Ext4,
}
