using OverlayImg.Images;
using OverlayImg.Images.Inspection;

namespace OverlayImg.Builders.Inspections;

/// <summary>What is in an image.</summary>
public sealed record ImageReport
{
    /// <summary>The image as its archive has it.</summary>
    public required Image Image { get; init; }

    /// <summary>Its layers, bottom first.</summary>
    public required IReadOnlyList<LayerReport> Layers { get; init; }

    /// <summary>Its history, the steps that left no layer included; empty where the config tells none.</summary>
    public required IReadOnlyList<HistoryEntry> History { get; init; }

    /// <summary>The files that no container sees, the biggest first.</summary>
    public required IReadOnlyList<WastedFile> Wasted { get; init; }

    /// <summary>Bytes of the files that a container sees; of a file with several names once.</summary>
    public required long FileBytes { get; init; }

    /// <summary>Bytes of the layers as they are stored; a layer that comes twice counts once.</summary>
    public long StoredLength => Distinct.Sum(layer => layer.StoredLength);

    /// <summary>Bytes of the layers' tars; a layer that comes twice counts once.</summary>
    public long Length => Distinct.Sum(layer => layer.Length);

    /// <summary>Bytes of the wasted files.</summary>
    public long WastedBytes => Wasted.Sum(file => file.Length);

    private IEnumerable<LayerReport> Distinct => Layers.DistinctBy(layer => layer.DiffId);
}
