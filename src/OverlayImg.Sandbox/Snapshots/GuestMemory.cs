using Microsoft.Win32.SafeHandles;

namespace OverlayImg.Sandbox.Snapshots;

/// <summary>
/// Memory of a guest that will be saved: an anonymous file in the host's memory (memfd) that this process and QEMU share. The guest's memory can be
/// read from the file while the guest is paused, and the running guest writes to no disk.
/// </summary>
internal sealed class GuestMemory : IDisposable
{
    private readonly SafeFileHandle _file = MemoryFile.Create("overlayimg-guest");

    /// <summary>Path by which QEMU opens the file.</summary>
    public string Path => $"/proc/{Environment.ProcessId}/fd/{_file.DangerousGetHandle()}";

    /// <summary>Fills the empty file with the memory of a snapshot.</summary>
    /// <exception cref="IOException">The snapshot can't be read, or the host is out of memory.</exception>
    public Task FillAsync(string path, CancellationToken cancellationToken) => Task.Run(() =>
    {
        using var source = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        SparseFile.Copy(source, _file, path, cancellationToken);
    }, cancellationToken);

    /// <summary>Writes the memory to a new file, with holes where the guest never used it.</summary>
    /// <exception cref="IOException">The file can't be written.</exception>
    public Task CopyToAsync(string path, CancellationToken cancellationToken) =>
        Task.Run(() => SparseFile.Copy(_file, path, cancellationToken), cancellationToken);

    /// <summary>Closes the file. QEMU keeps its mapping.</summary>
    public void Dispose() => _file.Dispose();
}
