using OverlayImg.Sandbox.Programs;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>Absolute paths of QEMU and of the two programs of util-linux that start it (see <see cref="QemuProcess"/>).</summary>
internal sealed record QemuProgram(string Path, string SetSid, string SetPriv)
{
    private const string Name = "qemu-system-x86_64";

    /// <summary>Finds the programs on the <c>PATH</c>.</summary>
    /// <exception cref="MachineException">A program is not installed.</exception>
    public static QemuProgram Find(string? qemu = null) => new(
        InstalledProgram.Locate(
            qemu ?? Name, "Install it: 'apt-get install qemu-system-x86' (Debian, Ubuntu), 'dnf install qemu-system-x86-core' (Fedora)."),
        InstalledProgram.Locate("setsid", InstalledProgram.SetSidAdvice),
        InstalledProgram.Locate("setpriv", InstalledProgram.SetPrivAdvice));

    /// <summary>Identity of the QEMU executable: path, size and modification time.</summary>
    public string Identity => $"{Path}:{GuestImage.FileIdentity(Path)}";
}
