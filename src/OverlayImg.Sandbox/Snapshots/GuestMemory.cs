using Microsoft.Win32.SafeHandles;

namespace OverlayImg.Sandbox.Snapshots;

/// <summary>
/// The memory of a guest that is to be saved: a file without a name, in the host's memory, that this process and QEMU share. So what the guest has
/// written can be read while it is paused, and the guest can go on without writing to any disk.
/// </summary>
internal sealed class GuestMemory : IDisposable
{
    private readonly SafeFileHandle _file = MemoryFile.Create("overlayimg-guest");

    /// <summary>Where QEMU opens it.</summary>
    public string Path => $"/proc/{Environment.ProcessId}/fd/{_file.DangerousGetHandle()}";

    /// <summary>Fills it, empty until then, with the memory of a snapshot.</summary>
    /// <exception cref="IOException">That can't be read, or there is no memory left.</exception>
    public Task FillAsync(string path, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var source = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        SparseFile.Copy(source, _file, path, cancellationToken);
    }, cancellationToken);

    /// <summary>Writes all of it to a new file, with holes where it was never used.</summary>
    /// <exception cref="IOException">The file can't be written.</exception>
    public Task CopyToAsync(string path, CancellationToken cancellationToken) => Task.Run(() => SparseFile.Copy(_file, path, cancellationToken), cancellationToken);

    /// <summary>Lets go of it; QEMU keeps what it has mapped.</summary>
    public void Dispose() => _file.Dispose();
}
