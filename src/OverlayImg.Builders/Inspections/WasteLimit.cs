namespace OverlayImg.Builders.Inspections;

/// <summary>The largest allowed waste of an image.</summary>
/// <param name="Text">The limit for people, such as "5%" or "10 MiB".</param>
/// <param name="Percent">The largest <see cref="ImageReport.WastedPercent"/>, from 0 to 100; null for a limit in bytes.</param>
/// <param name="Bytes">The largest <see cref="ImageReport.WastedBytes"/>; has no effect beside a limit in percent.</param>
public sealed record WasteLimit(string Text, decimal? Percent, long Bytes)
{
    /// <summary>Whether the image wastes more than the limit allows.</summary>
    public bool IsExceededBy(ImageReport report) => Percent is { } percent ? report.WastedPercent > percent : report.WastedBytes > Bytes;
}
