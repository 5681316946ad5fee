using OverlayImg.Sandbox.Programs;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>The emulator on this machine, and the two programs of util-linux that hold it on a leash (see <see cref="QemuProcess"/>).</summary>
internal sealed record QemuProgram(string Path, string SetSid, string SetPriv)
{
    private const string Name = "qemu-system-x86_64";

    /// <summary>Finds them on the <c>PATH</c>.</summary>
    /// <exception cref="MachineException">One is not installed.</exception>
    public static QemuProgram Find(string? qemu = null) => new(
        InstalledProgram.Locate(
            qemu ?? Name, "Install it: 'apt-get install qemu-system-x86' (Debian, Ubuntu), 'dnf install qemu-system-x86-core' (Fedora)."),
        InstalledProgram.Locate("setsid", InstalledProgram.SetSidAdvice),
        InstalledProgram.Locate("setpriv", InstalledProgram.SetPrivAdvice));

    /// <summary>Tells one QEMU from another without running it.</summary>
    public string Identity => $"{Path}:{GuestImage.FileIdentity(Path)}";
}
