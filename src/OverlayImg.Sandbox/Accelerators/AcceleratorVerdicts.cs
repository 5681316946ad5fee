using System.Security.Cryptography;
using System.Text;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Sandbox.Accelerators;

/// <summary>
/// The verdict on this machine's KVM, remembered in a file of the cache. It holds until the next boot, another QEMU or another guest image.
/// A shortcut and nothing more: what can't be read or written is as good as unknown.
/// </summary>
internal sealed class AcceleratorVerdicts
{
    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";
    private const int MaximumFileSize = 4096;

    private readonly string? _path;
    private readonly string _key;

    /// <summary>The memory in a directory.</summary>
    /// <param name="cachePath">The directory; null to remember nothing.</param>
    /// <param name="qemu">Tells one QEMU from another.</param>
    /// <param name="image">Tells one guest image from another.</param>
    public AcceleratorVerdicts(string? cachePath, string qemu, string image)
    {
        _path = cachePath is null ? null : Path.Combine(cachePath, "accelerator");
        var identity = $"{File.ReadAllText(BootIdPath).Trim()}\n{qemu}\n{image}\n{Environment.UserName}";
        _key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
    }

    /// <summary>The verdict, or null.</summary>
    public AcceleratorVerdict? Recall()
    {
        if (_path is null) return null;
        try
        {
            var file = new FileInfo(_path);
            if (!RegularFile.Is(_path) || file.Length > MaximumFileSize) return null;
            return File.ReadAllLines(_path) switch
            {
                [var key, "kvm"] when key == _key => new(Accelerator.Kvm, ""),
                [var key, "tcg", var reason] when key == _key => new(Accelerator.Tcg, reason),
                _ => null,
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Remembers the verdict; whoever reads meanwhile finds the old one or the new one.</summary>
    public void Remember(AcceleratorVerdict verdict)
    {
        if (_path is null) return;
        var temporary = $"{_path}.{Path.GetRandomFileName()}";
        try
        {
            PrivateDirectory.Create(Path.GetDirectoryName(_path)!);
            if (HostEntry.Exists(_path) && !RegularFile.Is(_path)) HostEntry.Remove(_path);
            string[] lines = verdict.Accelerator is Accelerator.Kvm ? [_key, "kvm"] : [_key, "tcg", verdict.Reason.ReplaceLineEndings(" ")];
            File.WriteAllLines(temporary, lines);
            File.Move(temporary, _path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next run finds out by itself again.
            File.Delete(temporary);
        }
    }
}
