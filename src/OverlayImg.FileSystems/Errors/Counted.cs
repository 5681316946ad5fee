using System.Globalization;

namespace OverlayImg.FileSystems.Errors;

/// <summary>Numbers with their nouns, for messages.</summary>
public static class Counted
{
    /// <summary>"1 layer", "2 layers"; "1 entry", "0 entries" where <paramref name="plural"/> is given.</summary>
    public static string Of(long count, string noun, string? plural = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? noun : plural ?? noun + "s")}");
}
