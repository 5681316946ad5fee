using System.ComponentModel;
using System.Diagnostics;

namespace OverlayImg.Sandbox;

/// <summary>The host's <c>/dev/kvm</c>. That it opens proves nothing yet; that it does not settles the matter.</summary>
internal static class KvmDevice
{
    /// <summary>Where it is.</summary>
    public const string Path = "/dev/kvm";

    /// <summary>Why the device at <paramref name="path"/> can't be opened, as a sentence without its full stop; null when it can.</summary>
    public static string? WhyNot(string path = Path)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"there is no {path}: the host offers no virtualization, or its module is not loaded";
        }
        catch (UnauthorizedAccessException)
        {
            return GroupOf(path) is { } group
                ? $"no permission for {path}, which belongs to the group '{group}': 'sudo usermod -aG {group} $USER', then log in again"
                : $"no permission for {path}, which only root may use: 'sudo setfacl -m u:$USER:rw {path}'";
        }
        catch (IOException exception)
        {
            return $"{path} can't be opened: {exception.Message}";
        }
    }

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
