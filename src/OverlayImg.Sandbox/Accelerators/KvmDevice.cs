using System.ComponentModel;
using System.Diagnostics;

namespace OverlayImg.Sandbox.Accelerators;

/// <summary>Whether the host lets this user open <c>/dev/kvm</c>.</summary>
public enum KvmAccess
{
    /// <summary>The device opens. Only a guest tells whether it works.</summary>
    Opens,

    /// <summary>There is no such device.</summary>
    Missing,

    /// <summary>This user has no permission.</summary>
    Denied,

    /// <summary>Opening the device fails for another reason.</summary>
    Broken,
}

/// <summary>What came of opening <c>/dev/kvm</c>. That the device opens proves nothing yet; that it does not settles the matter.</summary>
/// <param name="Access">Whether it opens.</param>
/// <param name="Group">Where permission is missing: the group whose members have it; null where only root has it.</param>
/// <param name="Reason">Why it does not open, as a sentence without its full stop; null where it does.</param>
public sealed record KvmDevice(KvmAccess Access, string? Group, string? Reason)
{
    /// <summary>Where the device is.</summary>
    public const string Path = "/dev/kvm";

    /// <summary>Tries to open the device.</summary>
    public static KvmDevice Open() => Open(Path);

    /// <summary>Why the device can't be opened; null when it can.</summary>
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

    // A device without permission for this user, and the group whose members have it, if any.
    private static KvmDevice Denied(string path, string? group) => new(KvmAccess.Denied, group, group is null
        ? $"no permission for {path}, which only root may use: 'sudo setfacl -m u:$USER:rw {path}'"
        : $"no permission for {path}, which belongs to the group '{group}': 'sudo usermod -aG {group} $USER', then log in again");

    // The group whose members may use the device; null where none may, and where it is root's own: nobody should be made a member of that group for this.
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
            // No stat(1): the name that every distribution gives it.
            return "kvm";
        }
    }
}
