namespace OverlayImg.Images.Streams;

/// <summary>Numbers of bytes that are too big for one report.</summary>
internal static class ProgressSteps
{
    /// <summary>Reports a number of bytes; a negative number takes bytes back that were reported before.</summary>
    public static void ReportAll(this IProgress<int> progress, long bytes)
    {
        while (bytes != 0)
        {
            var step = (int)Math.Clamp(bytes, -int.MaxValue, int.MaxValue);
            progress.Report(step);
            bytes -= step;
        }
    }
}
