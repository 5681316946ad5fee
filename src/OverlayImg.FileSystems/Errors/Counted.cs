using System.Globalization;

namespace OverlayImg.FileSystems.Errors;

/// <summary>Formats numbers with their nouns for messages.</summary>
public static class Counted
{
    /// <summary>Formats "1 layer", "2 layers", or "0 entries" with <paramref name="plural"/> "entries".</summary>
    public static string Of(long count, string noun, string? plural = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? noun : plural ?? noun + "s")}");
}
