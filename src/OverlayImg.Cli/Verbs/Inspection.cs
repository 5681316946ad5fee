using OverlayImg.Builders.Inspections;
using OverlayImg.Cli.Exits;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Verbs;

/// <summary>The images that <c>inspect</c> read, and the parts of them to show.</summary>
/// <param name="Images">The images, in the order of the archive.</param>
/// <param name="Summary">Whether names, sizes and the settings of the container are shown.</param>
/// <param name="Layers">Whether the layers are shown.</param>
/// <param name="Config">Whether the whole config is shown.</param>
/// <param name="WastedPaths">The largest number of wasted files to show; 0 for none.</param>
internal sealed record Inspection(
    IReadOnlyList<ImageReport> Images, bool Summary, bool Layers, bool Config, int WastedPaths) : IJudgedResult
{
    /// <summary>The largest allowed waste of each image; null for any.</summary>
    public WasteLimit? Limit { get; init; }

    /// <summary>The page that was written instead of a listing; null for a listing.</summary>
    public WrittenFile? Page { get; init; }

    /// <inheritdoc/>
    public Failure? Failure => Limit is null ? null : WasteFailure.Of(Images, Limit);
}
