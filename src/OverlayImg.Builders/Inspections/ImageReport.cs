using OverlayImg.Images;
using OverlayImg.Images.Inspection;

namespace OverlayImg.Builders.Inspections;

/// <summary>A report on an image: layers, history, sizes and wasted files.</summary>
public sealed record ImageReport
{
    /// <summary>The image with its config and names.</summary>
    public required Image Image { get; init; }

    /// <summary>The layers of the image, bottom first.</summary>
    public required IReadOnlyList<LayerReport> Layers { get; init; }

    /// <summary>The history of the config, entries without a layer included; empty if the config has none.</summary>
    public required IReadOnlyList<HistoryEntry> History { get; init; }

    /// <summary>The files that a later layer overwrites or deletes, the largest first.</summary>
    public required IReadOnlyList<WastedFile> Wasted { get; init; }

    /// <summary>Total size in bytes of the files that a container sees. A file with several hard links counts once.</summary>
    public required long FileBytes { get; init; }

    /// <summary>Total size in bytes of the stored layers. A repeated layer counts once.</summary>
    public long StoredLength => ByteTotal.Of(Distinct.Select(layer => layer.StoredLength));

    /// <summary>Total size in bytes of the uncompressed layers. A repeated layer counts once.</summary>
    public long Length => ByteTotal.Of(Distinct.Select(layer => layer.Length));

    /// <summary>Total size in bytes of the wasted files.</summary>
    public long WastedBytes => ByteTotal.Of(Wasted.Select(file => file.Length));

    /// <summary>Total size in bytes of the files that the layers store: those that a container sees, and the wasted files.</summary>
    public long StoredFileBytes => ByteTotal.Add(FileBytes, WastedBytes);

    /// <summary>The wasted bytes in percent of <see cref="StoredFileBytes"/>: 0 to 100; 0 for an image without files.</summary>
    public decimal WastedPercent => StoredFileBytes == 0 ? 0 : Math.Min(100, 100m * WastedBytes / StoredFileBytes);

    private IEnumerable<LayerReport> Distinct => Layers.DistinctBy(layer => layer.DiffId);
}
