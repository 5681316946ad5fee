using OverlayImg.FileSystems.Comparison;

namespace OverlayImg.Layers.Checks;

/// <summary>The same scripts, run twice, left different files (exit code 5).</summary>
public sealed class IrreproducibleException : OverlayImgException
{
    /// <summary>Makes one from what differs.</summary>
    public IrreproducibleException(IReadOnlyList<PathDifference> differences)
        : base($"The two runs left {Counted.Of(differences.Count, "path that differs", "paths that differ")}, so nothing was written", null)
    {
        Differences = differences;
        Advice = "Take out of the scripts what comes from the time, from chance, or from the order of things.";
    }

    /// <summary>What differs, in the order of a walk.</summary>
    public IReadOnlyList<PathDifference> Differences { get; }
}
