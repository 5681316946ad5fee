using OverlayImg.FileSystems.Comparison;

namespace OverlayImg.Layers.Checks;

/// <summary>The error that two runs of the same scripts produced different files (exit code 5).</summary>
public sealed class IrreproducibleException : OverlayImgException
{
    /// <summary>Creates the error from at least one difference.</summary>
    public IrreproducibleException(IReadOnlyList<PathDifference> differences)
        : base($"The results of the two runs differ in {Counted.Of(differences.Count, "path")}, so nothing was written", null)
    {
        Differences = differences;
        Advice = "Make the scripts independent of the time, of random values and of processing order.";
    }

    /// <summary>The paths that differ, in the order of a tree walk.</summary>
    public IReadOnlyList<PathDifference> Differences { get; }
}
