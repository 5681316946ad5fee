namespace OverlayImg.Builders;

/// <summary>The format of an exported file system.</summary>
public enum ExportFormat
{
    /// <summary>A tar that keeps hard links, owners, modes, times, devices and extended attributes.</summary>
    Tar,

    /// <summary>
    /// The tar of dockerTools' exportImage, as GNU tar writes it with <c>--hard-dereference --sort=name --mtime=@SOURCE_DATE_EPOCH -C mnt .</c>:
    /// each hard link is a separate file, and there are no extended attributes.
    /// </summary>
    GnuHardDereference,

    /// <summary>An ext4 disk without partitions.</summary>
    Ext4,
}
