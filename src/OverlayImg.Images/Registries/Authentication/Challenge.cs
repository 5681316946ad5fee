using System.Text;

namespace OverlayImg.Images.Registries.Authentication;

/// <summary>An authentication challenge of a server (RFC 9110, 11.6.1).</summary>
/// <param name="Scheme">The scheme, such as <c>Bearer</c>, in any letter case.</param>
/// <param name="Parameters">The parameters by name. Names ignore the letter case.</param>
internal sealed record Challenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    private const int MaximumLength = 16 << 10;

    /// <summary>Whether the challenge has the scheme, in any letter case.</summary>
    public bool Is(string scheme) => Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Parses all headers <c>WWW-Authenticate</c> of a response. A header may have several challenges. Commas separate
    /// both challenges and parameters, and occur in quoted values. Invalid parts are skipped, because a supported
    /// challenge may follow them.
    /// </summary>
    public static IReadOnlyList<Challenge> Parse(IEnumerable<string> headers)
    {
        var challenges = new List<Challenge>();
        foreach (var header in headers.Where(header => header.Length <= MaximumLength)) new Reader(header).ReadAll(challenges);
        return challenges;
    }

    private sealed class Reader(string text)
    {
        private int _at;

        public void ReadAll(List<Challenge> challenges)
        {
            Dictionary<string, string>? parameters = null;
            while (_at < text.Length)
            {
                Skip(letter => letter is ' ' or '\t' or ',');
                var word = ReadWhile(letter => letter is not (' ' or '\t' or ',' or '=' or '"'));
                var before = _at;
                Skip(letter => letter is ' ' or '\t');
                if (word.Length > 0 && _at < text.Length && text[_at] == '=')
                {
                    _at++;
                    Skip(letter => letter is ' ' or '\t');
                    var value = _at < text.Length && text[_at] == '"' ? ReadQuoted() : ReadWhile(letter => letter is not (' ' or '\t' or ','));
                    parameters?.TryAdd(word, value);
                }
                else if (word.Length > 0)
                {
                    _at = before;
                    parameters = new(StringComparer.OrdinalIgnoreCase);
                    challenges.Add(new(word, parameters));
                }
                else
                {
                    // Skips a stray character, such as a quote without a name before it.
                    _at++;
                }
            }
        }

        private void Skip(Func<char, bool> isSkipped) => ReadWhile(isSkipped);

        private string ReadWhile(Func<char, bool> isTaken)
        {
            var start = _at;
            while (_at < text.Length && isTaken(text[_at])) _at++;
            return text[start.._at];
        }

        private string ReadQuoted()
        {
            var value = new StringBuilder();
            for (_at++; _at < text.Length && text[_at] != '"'; _at++)
            {
                if (text[_at] == '\\' && _at + 1 < text.Length) _at++;
                value.Append(text[_at]);
            }

            _at++;
            return value.ToString();
        }
    }
}
