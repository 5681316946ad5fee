namespace OverlayImg.Sandbox.Programs;

/// <summary>Finds the programs of this machine that the tool runs.</summary>
internal static class InstalledProgram
{
    /// <summary>What to install where <c>setsid</c> is missing.</summary>
    public const string SetSidAdvice = "Install util-linux.";

    /// <summary>What to install where <c>setpriv</c> is missing.</summary>
    public const string SetPrivAdvice = "Install util-linux (on Alpine the package 'setpriv').";

    /// <summary>The absolute path of a program on the <c>PATH</c>; one with a slash is a path itself.</summary>
    /// <exception cref="MachineException">It is not there; <paramref name="advice"/> says what to install.</exception>
    public static string Locate(string program, string advice)
    {
        // A name with a slash is a path: Path.Combine puts an absolute one in the place of the directory.
        var places = program.Contains('/', StringComparison.Ordinal) ? ["."] : SearchPath();
        var path = places.Select(place => Path.GetFullPath(Path.Combine(place, program))).FirstOrDefault(IsExecutable);
        return path ?? throw new MachineException($"'{program}' is not installed") { Advice = advice };
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private static string[] SearchPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
}
