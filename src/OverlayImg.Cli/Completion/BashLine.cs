using System.Text;

namespace OverlayImg.Cli.Completion;

/// <summary>Divides the line of a command into words, as bash does, and finds the part of the last word that bash replaces.</summary>
/// <param name="Words">The words without quotes. The last word is the word at the cursor, and may be empty.</param>
/// <param name="Kept">The beginning of the last word, without quotes, that bash keeps and that no candidate may have.</param>
internal sealed record BashLine(IReadOnlyList<string> Words, string Kept)
{
    /// <summary>Divides a line.</summary>
    /// <param name="line">The line from the command's name to the cursor.</param>
    /// <param name="breaks">Bash's <c>COMP_WORDBREAKS</c>. Bash takes these characters as the ends of words, although the shell does not.</param>
    public static BashLine Parse(string line, string breaks)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isInWord = false;
        var kept = 0;
        var quote = '\0';
        for (var at = 0; at < line.Length; at++)
        {
            var character = line[at];
            if (quote == '\0' && char.IsWhiteSpace(character))
            {
                if (isInWord) words.Add(word.ToString());
                word.Clear();
                (isInWord, kept) = (false, 0);
                continue;
            }

            isInWord = true;
            if (quote == '\0' && character is '\'' or '"') quote = character;
            else if (character == quote) quote = '\0';
            else if (character == '\\' && quote != '\'' && at + 1 < line.Length) word.Append(line[++at]);
            else
            {
                word.Append(character);
                if (quote == '\0' && character is ':' or '=' && breaks.Contains(character, StringComparison.Ordinal)) kept = word.Length;
            }
        }

        words.Add(word.ToString());
        return new(words, word.ToString()[..kept]);
    }
}
