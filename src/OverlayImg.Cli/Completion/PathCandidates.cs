namespace OverlayImg.Cli.Completion;

/// <summary>Paths of the host that begin with a text.</summary>
internal static class PathCandidates
{
    // A larger directory is no list that a user reads.
    private const int MostPaths = 2000;

    /// <summary>The paths that begin with <paramref name="text"/>. A directory ends with a slash.</summary>
    /// <param name="text">The beginning of a path, relative to the current directory or absolute.</param>
    /// <param name="prefix">What stands before the path in the word, such as <c>oci:</c>.</param>
    /// <param name="onlyDirectories">Whether files are left out.</param>
    public static IReadOnlyList<Candidate> Of(string text, string prefix = "", bool onlyDirectories = false)
    {
        var slash = text.LastIndexOf('/') + 1;
        var (directory, start) = (text[..slash], text[slash..]);
        try
        {
            return
            [
                .. new DirectoryInfo(directory.Length == 0 ? "." : directory).EnumerateFileSystemInfos($"{Literal(start)}*")
                    .Where(entry => entry.Name.StartsWith(start, StringComparison.Ordinal) && (start.Length > 0 || entry.Name[0] != '.'))
                    // A line of the answer has one name, and the shell would find no file by a name whose bytes are no text.
                    .Where(entry => !entry.Name.Any(character => char.IsControl(character) || character == '\uFFFD'))
                    .Select(entry => (entry.Name, IsDirectory: IsDirectory(entry)))
                    .Where(entry => entry.IsDirectory || !onlyDirectories)
                    .Take(MostPaths)
                    .OrderBy(entry => entry.Name, StringComparer.Ordinal)
                    .Select(entry => new Candidate($"{prefix}{directory}{entry.Name}{(entry.IsDirectory ? "/" : "")}", IsPath: true)),
            ];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }

    // The pattern of the enumeration has wildcards of its own.
    private static string Literal(string start) => start.AsSpan().IndexOfAny('*', '?', '\\') < 0 ? start : "";

    private static bool IsDirectory(FileSystemInfo entry) =>
        entry is DirectoryInfo || (entry.LinkTarget is not null && Directory.Exists(entry.FullName));
}
