using System.Globalization;
using System.Text;
using OverlayImg.Builders.Inspections;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Options;
using OverlayImg.Images.Inspection;

namespace OverlayImg.Cli.Verbs;

/// <summary>The error of <c>inspect --max-waste</c>.</summary>
internal static class WasteFailure
{
    private const int NamedPaths = 5;

    // An archive may list thousands of images.
    private const int NamedImages = 10;

    /// <summary>The error that names the images above the limit with their largest wasted files; null if no image is above the limit.</summary>
    public static Failure? Of(IReadOnlyList<ImageReport> images, WasteLimit limit)
    {
        ImageReport[] wasteful = [.. images.Where(limit.IsExceededBy)];
        if (wasteful.Length == 0) return null;
        var text = new StringBuilder();
        foreach (var report in wasteful.Take(NamedImages)) AddImage(text, report, limit);
        if (wasteful.Length > NamedImages) text.AppendLine(CultureInfo.InvariantCulture, $"and {wasteful.Length - NamedImages} more images");
        text.Append("Delete a file in the step that makes it, so that no layer stores it, or leave it out of the base image; " +
            "'overlayimg inspect --wasted' lists every wasted file. Or allow more (--max-waste).");
        return new(ExitCodes.Input, text.ToString(), new InputException($"more than {limit.Text} of an image is wasted"));
    }

    /// <summary>The end of a line about a wasted file: the layer that stores the file, and the layer that deletes or overwrites the file.</summary>
    public static string Story(WastedFile file) => string.Create(
        CultureInfo.InvariantCulture, $"(layer {file.Layer + 1}, {(file.IsDeleted ? "deleted" : "overwritten")} by layer {file.GoneBy + 1})");

    private static void AddImage(StringBuilder text, ImageReport report, WasteLimit limit)
    {
        // The share is rounded up, because a share above the limit must not look like the limit.
        var percent = Math.Ceiling(report.WastedPercent * 100) / 100;
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{report.Image.DisplayName}: {percent:0.##}% of the bytes of files are wasted ({SizeText.Format(report.WastedBytes)} of " +
            $"{SizeText.Format(report.StoredFileBytes)}), which is more than the limit of {limit.Text}. The largest wasted files:");
        foreach (var file in report.Wasted.Take(NamedPaths))
            text.AppendLine(CultureInfo.InvariantCulture, $"{SizeText.Format(file.Length),10}  {file.Path}  {Story(file)}");
        var rest = report.Wasted.Count - NamedPaths;
        if (rest > 0) text.AppendLine(CultureInfo.InvariantCulture, $"            and {rest} more");
    }
}
