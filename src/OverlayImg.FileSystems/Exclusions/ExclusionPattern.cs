using System.Text;

namespace OverlayImg.FileSystems.Exclusions;

/// <summary>A pattern of a <c>.dockerignore</c> file. The pattern excludes the paths that it matches, or with <c>!</c> includes them again.</summary>
internal sealed class ExclusionPattern
{
    /// <summary>Maximum length of a line, in UTF-16 units.</summary>
    public const int MaximumLength = 4096;

    private readonly PathGlob _glob;

    private ExclusionPattern(string text, bool includes) => (Text, Includes, _glob) = (text, includes, PathGlob.Parse(text));

    /// <summary>The pattern as a clean path, without <c>!</c> and without a leading slash.</summary>
    public string Text { get; }

    /// <summary>Whether the pattern began with <c>!</c>.</summary>
    public bool Includes { get; }

    /// <summary>Parses a line. Returns null for an empty line and for the top directory, which is never excluded.</summary>
    /// <param name="line">The line. White space around the pattern has no effect.</param>
    /// <exception cref="FormatException">The line is not a pattern. The message completes the sentence "it ...".</exception>
    public static ExclusionPattern? Parse(string line)
    {
        if (line.Length > MaximumLength) throw new FormatException($"has more than {MaximumLength} characters");
        var text = line.Trim();
        if (text.Length == 0) return null;
        var includes = text[0] == '!';
        if (includes) text = text[1..].Trim();
        if (text.Length == 0) throw new FormatException("has no path after '!'");
        var path = Clean(text);
        return path == "." ? null : new(path, includes);
    }

    /// <summary>Whether the pattern matches the path itself, not a directory above it.</summary>
    public bool Matches(ReadOnlySpan<Rune> path) => _glob.Matches(path);

    /// <summary>
    /// Whether the text of the pattern is the path of the directory, or begins with this path and a slash. An excluded directory is then searched, as
    /// in docker.
    /// </summary>
    public bool LeadsInto(string directory) => Text.StartsWith(directory, StringComparison.Ordinal)
        && (Text.Length == directory.Length || Text[directory.Length] == '/');

    // Docker treats a pattern as a path first, as Go's filepath.Clean does: "./a//b/" and "x/../a/b" mean "a/b".
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
}
