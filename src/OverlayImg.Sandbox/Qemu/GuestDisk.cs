using System.Text.Json.Nodes;
using OverlayImg.Sandbox.Qmp;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>A disk image on the host that is plugged into a running guest.</summary>
/// <param name="Serial">Serial number, by which the guest finds it (vm-images/PROTOCOL.md), and its name inside QEMU.</param>
/// <param name="Path">The image; raw.</param>
/// <param name="Writable">Whether the guest may write to it.</param>
internal sealed record GuestDisk(string Serial, string Path, bool Writable)
{
    // Units of one target: the guest finds all of them with one command, so few targets are quicker than many.
    private const int UnitsPerTarget = 256;

    /// <summary>
    /// Plugs the disks while the guest stands still. QEMU (7.2 and later) tells the guest of every new unit by failing the next command on the
    /// bus, whichever disk it was for; the kernel retries a disk's first commands three times, so a disk that is probed while others are plugged
    /// may end up without a size. A guest that wakes up to all of them at once is told once.
    /// </summary>
    /// <exception cref="MachineException">QEMU can't open an image.</exception>
    /// <exception cref="QmpException">QEMU went away.</exception>
    public static Task PlugAsync(IReadOnlyList<GuestDisk> disks, QmpClient monitor, CancellationToken cancellationToken) =>
        // All commands are on their way before the first is answered; QEMU works them off in their order.
        Task.WhenAll(
        [
            monitor.ExecuteAsync("stop", null, cancellationToken),
            .. disks.Select((disk, index) => disk.PlugAsync(index, monitor, cancellationToken)),
            monitor.ExecuteAsync("cont", null, cancellationToken),
        ]);

    private async Task PlugAsync(int index, QmpClient monitor, CancellationToken cancellationToken)
    {
        var image = monitor.ExecuteAsync("blockdev-add", Image(), cancellationToken);
        var device = monitor.ExecuteAsync("device_add", Device(index), cancellationToken);
        try
        {
            await image;
            await device;
        }
        catch (QmpException exception) when (exception.ErrorClass is not null)
        {
            // The device's failure follows from the image's, and tells nothing.
            await device.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw new MachineException($"The disk {Path} can't be plugged into the guest: {exception.Description}", exception);
        }
    }

    private JsonObject Image() => new()
    {
        ["node-name"] = Serial,
        // Always told: what the guest writes must never decide what format its disk is taken for.
        ["driver"] = "raw",
        ["read-only"] = !Writable,
        ["discard"] = Writable ? "unmap" : "ignore",
        // Nothing that a job writes needs to survive a power cut: what comes of it is read back and stored anew.
        ["cache"] = new JsonObject { ["direct"] = false, ["no-flush"] = Writable },
        ["file"] = new JsonObject
        {
            ["driver"] = "file",
            ["filename"] = Path,
            ["locking"] = "on",
            ["read-only"] = !Writable,
            ["discard"] = Writable ? "unmap" : "ignore",
            ["cache"] = new JsonObject { ["direct"] = false, ["no-flush"] = Writable },
        },
    };

    private JsonObject Device(int index) => new()
    {
        ["driver"] = "scsi-hd",
        ["id"] = $"disk-{Serial}",
        ["bus"] = QemuCommandLine.DiskBus,
        ["drive"] = Serial,
        ["serial"] = Serial,
        ["scsi-id"] = index / UnitsPerTarget,
        ["lun"] = index % UnitsPerTarget,
        // An error is told to guest and host; QEMU's default for a full disk is to stop the guest without a word.
        ["werror"] = "report",
        ["rerror"] = "report",
    };
}
