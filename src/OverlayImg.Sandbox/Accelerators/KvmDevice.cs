using System.ComponentModel;
using System.Diagnostics;

namespace OverlayImg.Sandbox.Accelerators;

/// <summary>Result of opening <c>/dev/kvm</c> as this user.</summary>
public enum KvmAccess
{
    /// <summary>The device opens. Only a guest that becomes READY proves that KVM works.</summary>
    Opens,

    /// <summary>The device does not exist.</summary>
    Missing,

    /// <summary>The user has no permission to open the device.</summary>
    Denied,

    /// <summary>Opening the device fails for another reason.</summary>
    Broken,
}

/// <summary>
/// The state of <c>/dev/kvm</c>. A device that opens does not prove that KVM works. A device that does not open proves that KVM can't be used.
/// </summary>
/// <param name="Access">Whether the device opens.</param>
/// <param name="Group">If the user has no permission: the group whose members have it; null if only root has it.</param>
/// <param name="Reason">Why the device does not open: a sentence without its full stop; null if it opens.</param>
public sealed record KvmDevice(KvmAccess Access, string? Group, string? Reason)
{
    /// <summary>Path of the device.</summary>
    public const string Path = "/dev/kvm";

    /// <summary>Tries to open the device.</summary>
    public static KvmDevice Open() => Open(Path);

    /// <summary>Why the device does not open; null if it opens.</summary>
    internal static string? WhyNot() => Open().Reason;

    /// <summary>Tries to open the device at <paramref name="path"/>.</summary>
    internal static KvmDevice Open(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return new(KvmAccess.Opens, null, null);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(KvmAccess.Missing, null, $"there is no {path}: the host offers no virtualization, or its module is not loaded");
        }
        catch (UnauthorizedAccessException)
        {
            return Denied(path, GroupOf(path));
        }
        catch (IOException exception)
        {
            return new(KvmAccess.Broken, null, $"{path} can't be opened: {exception.Message}");
        }
    }

    private static KvmDevice Denied(string path, string? group) => new(KvmAccess.Denied, group, group is null
        ? $"no permission for {path}, which only root may use: 'sudo setfacl -m u:$USER:rw {path}'"
        : $"no permission for {path}, which belongs to the group '{group}': 'sudo usermod -aG {group} $USER', then log in again");

    // Returns the group whose members may use the device, or null if there is none. The group root is left out: joining it would give more rights
    // than access to this device.
    private static string? GroupOf(string path)
    {
        const UnixFileMode ReadWrite = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        try
        {
            if ((File.GetUnixFileMode(path) & ReadWrite) != ReadWrite) return null;
            var start = new ProcessStartInfo("stat", ["-L", "-c", "%G", path]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var stat = Process.Start(start);
            return stat?.StandardOutput.ReadToEnd().Trim() switch { null or "" => "kvm", "root" or "UNKNOWN" => null, var group => group };
        }
        catch (Win32Exception)
        {
            // stat(1) is missing. Every distribution names this group kvm.
            return "kvm";
        }
    }
}
