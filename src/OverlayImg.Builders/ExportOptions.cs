using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders;

/// <summary>An export of an image's file system to a file.</summary>
public sealed record ExportOptions
{
    /// <summary>The image whose file system is exported.</summary>
    public required ImageChoice From { get; init; }

    /// <summary>The output. An ext4 disk is sparse only in an uncompressed file.</summary>
    public required TarDestination Destination { get; init; }

    /// <summary>The format of the output.</summary>
    public ExportFormat Format { get; init; }

    /// <summary>The largest total size of the files in a tar, in bytes, holes included.</summary>
    public long MaximumSize { get; init; } = TarWriterOptions.DefaultMaximumSize;

    /// <summary>The time of every entry of <see cref="ExportFormat.GnuHardDereference"/>. Other formats keep the time of each file.</summary>
    public Timestamp FileTime { get; init; } = new(1);

    /// <summary>Size of the ext4 disk in bytes; null for the smallest size that holds the files.</summary>
    public long? DiskSize { get; init; }
}
