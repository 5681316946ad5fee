using System.Text.Json;
using OverlayImg.FileSystems.Comparison;

namespace OverlayImg.Cli.Reporting;

/// <summary>Formats a path that differs between two file systems, for people and as JSON.</summary>
internal static class PathDifferenceText
{
    /// <summary>One line, such as "changed /etc/hosts: mode 644 -> 600".</summary>
    public static string Line(PathDifference difference)
    {
        var aspects = difference.Aspects.Select(aspect => $"{aspect.Aspect} {Change(aspect.First, aspect.Second)}");
        var what = difference.Change == PathChange.Changed ? ": " + string.Join("; ", aspects) : "";
        return $"{Word(difference.Change)} {PathOf(difference)}{what}";
    }

    /// <summary>A value before and after a change; null stands for a missing value.</summary>
    public static string Change(string? before, string? after) => $"{before ?? "(none)"} -> {after ?? "(none)"}";

    /// <summary>Writes a path that differs as a JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, PathDifference difference)
    {
        writer.WriteStartObject();
        writer.WriteString("path", PathOf(difference));
        writer.WriteString("change", Word(difference.Change));
        if (difference.Change == PathChange.Changed)
        {
            writer.WriteStartArray("differences");
            foreach (var (aspect, before, after) in difference.Aspects) Write(writer, "what", aspect, before, after);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes a JSON object with a value before and after a change; null stands for a missing value.</summary>
    public static void Write(Utf8JsonWriter writer, string key, string what, string? before, string? after)
    {
        writer.WriteStartObject();
        writer.WriteString(key, what);
        writer.WriteString("first", before);
        writer.WriteString("second", after);
        writer.WriteEndObject();
    }

    private static string PathOf(PathDifference difference) => $"/{difference.Path}";

    private static string Word(PathChange change) => change switch
    {
        PathChange.Added => "added",
        PathChange.Removed => "removed",
        _ => "changed",
    };
}
