namespace OverlayImg.Cli.Options;

/// <summary>Suggests the word that a user probably meant. Every message about a mistyped word uses this class.</summary>
internal static class Suggestion
{
    /// <summary>A sentence with the nearest of the <paramref name="known"/> words, with a space before it; empty if no word is near.</summary>
    public static string For(string word, IEnumerable<string> known) => NearestName.Of(word, known) is { } nearest ? $" Did you mean {nearest}?" : "";
}
