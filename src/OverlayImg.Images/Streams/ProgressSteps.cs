namespace OverlayImg.Images.Streams;

/// <summary>Splits progress reports whose number of bytes does not fit in an <c>int</c>.</summary>
internal static class ProgressSteps
{
    /// <summary>Reports a number of bytes; a negative number takes back bytes that were reported before.</summary>
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
