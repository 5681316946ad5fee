using System.Text;
using System.Text.RegularExpressions;

namespace OverlayImg.Tool.Tests.Docs;

/// <summary>
/// Compares the output that a document shows with the output of a command. Both are masked first: digests, times and sizes depend on the machine and
/// on the version of the base image.
/// </summary>
internal static partial class ShownOutput
{
    /// <summary>Stands for any number of lines in a document; at the end of a line, for the rest of that line.</summary>
    public const string Omission = "...";

    /// <summary>Whether the command's output is what the document shows.</summary>
    public static bool Matches(IReadOnlyList<string> shown, string output)
    {
        var pattern = new StringBuilder(@"\A");
        foreach (var line in shown) pattern.Append(PatternOf(line));
        pattern.Append(@"\z");
        return Regex.IsMatch(Normalise(output), pattern.ToString(), RegexOptions.NonBacktracking);
    }

    /// <summary>The output as it is compared: masked lines, each with a line feed.</summary>
    public static string Normalise(string output)
    {
        var lines = output.Split('\n').ToList();
        if (lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        // Notices tell what this machine lacks.
        return string.Concat(lines.Where(line => !line.StartsWith("notice: ", StringComparison.Ordinal)).Select(line => Mask(line) + "\n"));
    }

    /// <summary>Replaces what depends on the machine. Columns are as wide as their values, so that spaces in a row count as one.</summary>
    public static string Mask(string line)
    {
        line = Digest.Replace(line, "DIGEST");
        line = Integrity.Replace(line, "sha256-HASH");
        line = Duration.Replace(line, "TIME s");
        line = Size.Replace(line, "SIZE");
        line = Date.Replace(line, "DATE");
        line = JsonNumber.Replace(line, ": NUMBER");
        return Spaces.Replace(line, " ").TrimEnd();
    }

    private static string PatternOf(string line)
    {
        if (line.Trim() == Omission) return @"(?:[^\n]*\n)*";
        return line.EndsWith($" {Omission}", StringComparison.Ordinal)
            ? Regex.Escape(Mask(line[..^Omission.Length])) + @"[^\n]*\n"
            : Regex.Escape(Mask(line)) + "\n";
    }

    // Of layers, tags without a name, and commits. Documents may cut them short (sha256:5b97c0ff…) or write sha256:DIGEST.
    [GeneratedRegex(@"\bsha256:(?:[0-9a-f]{64}|[0-9a-f]{8,63}…|DIGEST\b)|\b[0-9a-f]{32,}\b|\b[0-9a-f]{8,63}…")]
    private static partial Regex Digest { get; }

    [GeneratedRegex(@"\bsha256-(?:[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{8,42}…)")]
    private static partial Regex Integrity { get; }

    [GeneratedRegex(@"\b[0-9]+\.[0-9]+ s\b")]
    private static partial Regex Duration { get; }

    [GeneratedRegex(@"\b[0-9]+(?:\.[0-9])? [KMGT]iB\b")]
    private static partial Regex Size { get; }

    // Not the time that images have without a clock.
    [GeneratedRegex(@"\b(?!1970)[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?Z?)?\b")]
    private static partial Regex Date { get; }

    // In JSON: sizes in bytes, and seconds.
    [GeneratedRegex(@"(?<=""): (?:[0-9]{4,}|[0-9]+\.[0-9]+|0)(?=,?$)")]
    private static partial Regex JsonNumber { get; }

    [GeneratedRegex(" +")]
    private static partial Regex Spaces { get; }
}
