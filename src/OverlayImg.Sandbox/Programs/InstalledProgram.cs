namespace OverlayImg.Sandbox.Programs;

/// <summary>Finds programs of the host on the <c>PATH</c>.</summary>
internal static class InstalledProgram
{
    public const string SetSidAdvice = "Install util-linux.";

    public const string SetPrivAdvice = "Install util-linux (on Alpine the package 'setpriv').";

    /// <summary>
    /// Returns the absolute path of <paramref name="program"/>: a name to search on the <c>PATH</c>, or a path if it contains a slash.
    /// </summary>
    /// <exception cref="MachineException">The program is not installed. The exception carries <paramref name="advice"/>.</exception>
    public static string Locate(string program, string advice)
    {
        // Path.Combine ignores the first argument when the second is absolute, so "." serves absolute and relative paths.
        var places = program.Contains('/', StringComparison.Ordinal) ? ["."] : SearchPath();
        var path = places.Select(place => Path.GetFullPath(Path.Combine(place, program))).FirstOrDefault(IsExecutable);
        return path ?? throw new MachineException($"'{program}' is not installed") { Advice = advice };
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private static string[] SearchPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
}
