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
    public long StoredLength => Distinct.Sum(layer => layer.StoredLength);

    /// <summary>Total size in bytes of the uncompressed layers. A repeated layer counts once.</summary>
    public long Length => Distinct.Sum(layer => layer.Length);

    /// <summary>Total size in bytes of the wasted files.</summary>
    public long WastedBytes => Wasted.Sum(file => file.Length);

    private IEnumerable<LayerReport> Distinct => Layers.DistinctBy(layer => layer.DiffId);
}
