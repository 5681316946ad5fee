using System.Security.Cryptography;
using System.Text;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Sandbox.Accelerators;

/// <summary>
/// A file in the cache that remembers whether KVM works on this machine. The verdict is valid until the host reboots, or QEMU or the guest image
/// changes. An unreadable file counts as no verdict, and a failed write is ignored.
/// </summary>
internal sealed class AcceleratorVerdicts
{
    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";
    private const int MaximumFileSize = 4096;

    private readonly string? _path;
    private readonly string _key;

    /// <summary>Creates the memory for one combination of QEMU and guest image.</summary>
    /// <param name="cachePath">The directory of the file; null to remember nothing.</param>
    /// <param name="qemu">Identity of the QEMU executable.</param>
    /// <param name="image">Identity of the guest image.</param>
    public AcceleratorVerdicts(string? cachePath, string qemu, string image)
    {
        _path = cachePath is null ? null : Path.Combine(cachePath, "accelerator");
        var identity = $"{File.ReadAllText(BootIdPath).Trim()}\n{qemu}\n{image}\n{Environment.UserName}";
        _key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
    }

    /// <summary>Returns the remembered verdict, or null if there is no valid one.</summary>
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

    /// <summary>Remembers the verdict. The file is replaced atomically, so concurrent readers see the old or the new verdict.</summary>
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
            // Without a remembered verdict, the next run tries KVM again.
            File.Delete(temporary);
        }
    }
}
