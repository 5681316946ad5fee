namespace OverlayImg.Sandbox.Qemu;

/// <summary>The emulator on this machine, and the two programs of util-linux that hold it on a leash (see <see cref="QemuProcess"/>).</summary>
internal sealed record QemuProgram(string Path, string SetSid, string SetPriv)
{
    private const string Name = "qemu-system-x86_64";

    /// <summary>Finds them on the <c>PATH</c>.</summary>
    /// <exception cref="MachineException">One is not installed.</exception>
    public static QemuProgram Find(string? qemu = null) => new(
        Locate(qemu ?? Name, "Install QEMU for x86-64 guests: 'apt-get install qemu-system-x86' (Debian, Ubuntu), 'dnf install qemu-system-x86-core' (Fedora)."),
        Locate("setsid", "Install util-linux."),
        Locate("setpriv", "Install util-linux (on Alpine the package 'setpriv')."));

    /// <summary>Tells one QEMU from another without running it.</summary>
    public string Identity => $"{Path}:{GuestImage.FileIdentity(Path)}";

    private static string Locate(string program, string advice)
    {
        if (program.Contains('/', StringComparison.Ordinal)) return File.Exists(program) ? System.IO.Path.GetFullPath(program) : throw Missing(program, advice);
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return directories.Select(directory => System.IO.Path.GetFullPath(System.IO.Path.Combine(directory, program))).FirstOrDefault(IsExecutable) ?? throw Missing(program, advice);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private static MachineException Missing(string program, string advice) => new($"'{program}' is not installed") { Advice = advice };
}
