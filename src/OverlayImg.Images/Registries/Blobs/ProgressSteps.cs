namespace OverlayImg.Images;

internal static class ProgressSteps
{
    /// <summary>Reports a number of bytes that may be bigger than one report can say.</summary>
    public static void Move(this IProgress<int> progress, long bytes)
    {
        while (bytes != 0)
        {
            var step = (int)Math.Clamp(bytes, -int.MaxValue, int.MaxValue);
            progress.Report(step);
            bytes -= step;
        }
    }
}
