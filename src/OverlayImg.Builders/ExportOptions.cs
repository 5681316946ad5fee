using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders;

/// <summary>What to export, and where to.</summary>
public sealed record ExportOptions
{
    /// <summary>The image.</summary>
    public required BaseImageChoice From { get; init; }

    /// <summary>Where to. An ext4 disk keeps its holes only as a file that is not compressed.</summary>
    public required TarDestination Destination { get; init; }

    /// <summary>As what.</summary>
    public ExportFormat Format { get; init; }

    /// <summary>The most that the files of a tar may add up to, in bytes, holes included.</summary>
    public long MaximumSize { get; init; } = TarWriterOptions.DefaultMaximumSize;

    /// <summary>The time of every entry of <see cref="ExportFormat.GnuHardDereference"/>; the other formats keep each file's own.</summary>
    public Timestamp FileTime { get; init; } = new(1);

    /// <summary>Size of the ext4 disk in bytes; null for the smallest that holds everything.</summary>
    public long? DiskSize { get; init; }
}
