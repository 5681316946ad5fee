namespace OverlayImg.Sandbox.Qemu;

/// <summary>The emulator on this machine, and the two programs of util-linux that hold it on a leash (see <see cref="QemuProcess"/>).</summary>
internal sealed record QemuProgram(string Path, string SetSid, string SetPriv)
{
    private const string Name = "qemu-system-x86_64";

    /// <summary>Finds them on the <c>PATH</c>.</summary>
    /// <exception cref="MachineException">One is not installed.</exception>
    public static QemuProgram Find(string? qemu = null) => new(
        Locate(qemu ?? Name, "Install it: 'apt-get install qemu-system-x86' (Debian, Ubuntu), 'dnf install qemu-system-x86-core' (Fedora)."),
        Locate("setsid", "Install util-linux."),
        Locate("setpriv", "Install util-linux (on Alpine the package 'setpriv')."));

    /// <summary>Tells one QEMU from another without running it.</summary>
    public string Identity => $"{Path}:{GuestImage.FileIdentity(Path)}";

    private static string Locate(string program, string advice)
    {
        // A name with a slash is a path: Path.Combine puts an absolute one in the place of the directory.
        var places = program.Contains('/', StringComparison.Ordinal) ? ["."] : SearchPath();
        var path = places.Select(place => System.IO.Path.GetFullPath(System.IO.Path.Combine(place, program))).FirstOrDefault(IsExecutable);
        return path ?? throw new MachineException($"'{program}' is not installed") { Advice = advice };
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private static string[] SearchPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
}
