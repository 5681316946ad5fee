using System.Text;
using System.Text.RegularExpressions;

namespace OverlayImg.FileSystems.Exclusions;

/// <summary>A pattern of a <c>.dockerignore</c> file: it excludes the paths that it matches, or with <c>!</c> includes them again.</summary>
internal sealed class ExclusionPattern
{
    /// <summary>The longest pattern, in characters.</summary>
    public const int MaximumLength = 4096;

    // A character outside the Basic Multilingual Plane is two UTF-16 units and one character of a name.
    private const string AnyCharacter = @"(?:[^/\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff])";
    private const string AnyText = @"[\s\S]*";

    private readonly Regex _regex;

    private ExclusionPattern(string text, bool includes) =>
        (Text, Includes, _regex) = (text, includes, new(Translate(text), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));

    /// <summary>The pattern as a clean path, without <c>!</c> and without a leading slash.</summary>
    public string Text { get; }

    /// <summary>Whether the pattern began with <c>!</c>.</summary>
    public bool Includes { get; }

    /// <summary>Reads a pattern; null for a line that has none: an empty line, a comment, or the root.</summary>
    /// <param name="line">The line. White space around the pattern does not count.</param>
    /// <exception cref="FormatException">The line is no pattern; the message says why.</exception>
    public static ExclusionPattern? Parse(string line)
    {
        // A hash sign behind white space begins a name.
        if (line.StartsWith('#')) return null;
        var text = line.Trim();
        if (text.Length == 0) return null;
        if (text.Length > MaximumLength) throw new FormatException($"has more than {MaximumLength} characters");
        var includes = text[0] == '!';
        if (includes) text = text[1..].Trim();
        if (text.Length == 0) throw new FormatException("has no path behind '!'");
        var path = Clean(text);
        return path == "." ? null : new(path, includes);
    }

    /// <summary>Whether the pattern matches the path itself. A pattern that matches a directory also counts for all files below it.</summary>
    public bool Matches(string path) => _regex.IsMatch(path);

    /// <summary>Whether the pattern names something below the directory, so that an excluded directory must be searched.</summary>
    public bool LeadsInto(string directory) => Text.StartsWith(directory + "/", StringComparison.Ordinal);

    // As Go's filepath.Clean: a pattern is a path first, so that "./a//b/" and "x/../a/b" mean "a/b". The leading slash then goes.
    private static string Clean(string text)
    {
        var names = new List<string>();
        foreach (var name in text.Split('/'))
        {
            if (name is "" or ".") continue;
            if (name != "..") names.Add(name);
            else if (names.Count > 0 && names[^1] != "..") names.RemoveAt(names.Count - 1);
            else if (!text.StartsWith('/')) names.Add(name);
        }

        return names.Count == 0 ? "." : string.Join('/', names);
    }

    private static string Translate(string text)
    {
        var regex = new StringBuilder(@"\A");
        for (var index = 0; index < text.Length; index++)
        {
            switch (text[index])
            {
                case '*' when index + 1 < text.Length && text[index + 1] == '*':
                    index++;
                    if (index + 1 < text.Length && text[index + 1] == '/') index++;
                    regex.Append(index + 1 == text.Length ? AnyText : $"(?:{AnyText}/)?");
                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append(AnyCharacter);
                    break;
                case '[':
                    index = TranslateClass(text, index, regex);
                    break;
                case '\\' when index + 1 == text.Length:
                    throw new FormatException("ends with a backslash");
                case '\\':
                    regex.Append(Regex.Escape(text[++index].ToString()));
                    break;
                default:
                    regex.Append(Literal(text[index]));
                    break;
            }
        }

        return regex.Append(@"\z").ToString();
    }

    // A class as Go's filepath.Match has it: [abc], [a-z], [^a-z], with a backslash before a character that means itself.
    private static int TranslateClass(string text, int start, StringBuilder regex)
    {
        var index = start + 1;
        var isNegated = index < text.Length && text[index] == '^';
        if (isNegated) index++;
        var ranges = new StringBuilder();
        while (index < text.Length && (text[index] != ']' || ranges.Length == 0))
        {
            var first = ClassCharacter(text, ref index);
            var last = first;
            if (index < text.Length && text[index] == '-')
            {
                index++;
                last = ClassCharacter(text, ref index);
            }

            if (last < first) throw new FormatException($"has the range '{first}-{last}', which is empty");
            ranges.Append(Unit(first)).Append('-').Append(Unit(last));
        }

        if (index >= text.Length) throw new FormatException("has '[' without ']'");
        // A class never matches a slash.
        regex.Append(isNegated ? $"[^/{ranges}]" : $"(?!/)[{ranges}]");
        return index;
    }

    private static char ClassCharacter(string text, ref int index)
    {
        if (index < text.Length && text[index] == '\\') index++;
        else if (index < text.Length && text[index] is '-' or ']') throw new FormatException($"has '{text[index]}' where a character of a class must stand");
        return index < text.Length ? text[index++] : throw new FormatException("has '[' without ']'");
    }

    private static string Unit(char character) => $"\\u{(int)character:x4}";

    private static string Literal(char character) => char.IsAsciiLetterOrDigit(character) || character == '/' ? character.ToString() : Unit(character);
}
