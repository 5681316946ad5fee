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
            var group = GroupOf(path);
            return $"no permission for {path}, which belongs to the group '{group}': 'sudo usermod -aG {group} $USER', then log in again";
        }
        catch (IOException exception)
        {
            return $"{path} can't be opened: {exception.Message}";
        }
    }

    private static string GroupOf(string path)
    {
        try
        {
            var start = new ProcessStartInfo("stat", ["-L", "-c", "%G", path]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var stat = Process.Start(start);
            return stat?.StandardOutput.ReadToEnd().Trim() is { Length: > 0 } group ? group : "kvm";
        }
        catch (Win32Exception)
        {
            // No stat(1): the name that every distribution gives it.
            return "kvm";
        }
    }
}
