using System.Text;
using System.Text.Unicode;

namespace OverlayImg.FileSystems.Exclusions;

/// <summary>The decision about a name of a directory.</summary>
internal enum Verdict
{
    /// <summary>The file is kept.</summary>
    Kept,

    /// <summary>The file is excluded, with everything below it.</summary>
    Excluded,

    /// <summary>A directory is kept where a file below it is included again. Any other file is excluded.</summary>
    Searched,
}

/// <summary>A list of patterns at one directory: which patterns match the directory or a directory above it.</summary>
internal sealed class ExclusionScope
{
    private readonly ExclusionPattern[] _patterns;
    private readonly bool[] _matched;
    private readonly string _path;

    /// <summary>The patterns at the top directory.</summary>
    public ExclusionScope(ExclusionPattern[] patterns) : this(patterns, new bool[patterns.Length], "")
    {
    }

    private ExclusionScope(ExclusionPattern[] patterns, bool[] matched, string path) => (_patterns, _matched, _path) = (patterns, matched, path);

    /// <summary>Decides about a name of the directory.</summary>
    /// <param name="name">The name.</param>
    /// <param name="below">The patterns at the file of this name, for the case that the file is a directory.</param>
    public Verdict Judge(ByteString name, out ExclusionScope below)
    {
        var path = _path.Length == 0 ? TextOf(name) : $"{_path}/{TextOf(name)}";
        Rune[] characters = [.. path.EnumerateRunes()];
        var matched = new bool[_patterns.Length];
        var isExcluded = false;
        foreach (var (index, pattern) in _patterns.Index())
        {
            matched[index] = _matched[index] || pattern.Matches(characters);
            if (matched[index]) isExcluded = !pattern.Includes;
        }

        below = new(_patterns, matched, path);
        return !isExcluded ? Verdict.Kept
            : _patterns.Any(pattern => pattern.Includes && pattern.LeadsInto(path)) ? Verdict.Searched
            : Verdict.Excluded;
    }

    // A name that is not UTF-8 gets one character for each byte.
    private static string TextOf(ByteString name) =>
        Utf8.IsValid(name.Span) ? Encoding.UTF8.GetString(name.Span) : Encoding.Latin1.GetString(name.Span);
}
