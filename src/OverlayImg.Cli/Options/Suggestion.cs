namespace OverlayImg.Cli.Options;

/// <summary>Suggests the word that a user probably meant. Every message about a mistyped word uses this class.</summary>
internal static class Suggestion
{
    /// <summary>A sentence with the nearest of the <paramref name="known"/> words, with a space before it; empty if no word is near.</summary>
    public static string For(string word, IEnumerable<string> known)
    {
        // Dashes are no letters in which names could differ.
        var dashes = word[..^word.TrimStart('-').Length];
        var names = known.Where(name => name.StartsWith(dashes, StringComparison.Ordinal)).Select(name => name[dashes.Length..]);
        return NearestName.Of(word[dashes.Length..], names) is { } nearest ? Sentence(dashes + nearest) : "";
    }

    /// <summary>The sentence that suggests a word, with a space before it.</summary>
    public static string Sentence(string nearest) => $" Did you mean {nearest}?";
}
