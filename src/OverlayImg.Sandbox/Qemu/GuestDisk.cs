using System.Text.Json.Nodes;
using OverlayImg.Sandbox.Qmp;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>A disk image on the host that a running guest is given: in a slot of its name, else as a new device.</summary>
/// <param name="Serial">Serial number, by which the guest finds it (vm-images/PROTOCOL.md), and its name inside QEMU.</param>
/// <param name="Path">The image; raw.</param>
/// <param name="Writable">Whether the guest may write to it.</param>
internal sealed record GuestDisk(string Serial, string Path, bool Writable)
{
    // Units of one target: the guest finds all of them with one command, so few targets are quicker than many.
    private const int UnitsPerTarget = 256;

    /// <summary>
    /// Gives the guest its disks. Those without a slot are plugged while the guest stands still: QEMU (7.2 and later) tells the guest of every new
    /// unit by failing the next command on the bus, whichever disk it was for; the kernel retries a disk's first commands three times, so a disk
    /// that is probed while others are plugged may end up without a size. A guest that wakes up to all of them at once is told once.
    /// </summary>
    /// <exception cref="MachineException">QEMU can't open an image.</exception>
    /// <exception cref="QmpException">QEMU went away.</exception>
    public static Task PlugAsync(IReadOnlyList<GuestDisk> disks, QmpClient monitor, CancellationToken cancellationToken)
    {
        var slots = DiskSlot.All.ToDictionary(slot => slot.Serial);
        GuestDisk[] slotted = [.. disks.Where(disk => slots.ContainsKey(disk.Serial))];
        GuestDisk[] others = [.. disks.Except(slotted)];
        // All commands are on their way before the first is answered; QEMU works them off in their order.
        var filling = FillAsync([.. slotted.Select(disk => (slots[disk.Serial], disk.Path))], monitor, cancellationToken);
        return others.Length == 0 ? filling : Task.WhenAll(
        [
            filling,
            monitor.ExecuteAsync("stop", null, cancellationToken),
            .. others.Select((disk, index) => disk.PlugAsync(slots.Count + index, monitor, cancellationToken)),
            monitor.ExecuteAsync("cont", null, cancellationToken),
        ]);
    }

    // All slots at once: each change of a slot makes QEMU wait for all the others to be at rest.
    private static async Task FillAsync(IReadOnlyList<(DiskSlot Slot, string Path)> slots, QmpClient monitor, CancellationToken cancellationToken)
    {
        if (slots.Count == 0) return;
        var opening = slots.Select(slot => monitor.ExecuteAsync("blockdev-add", slot.Slot.File(slot.Path), cancellationToken)).ToArray();
        var options = new JsonArray([.. slots.Select(slot => slot.Slot.Filled())]);
        var placing = monitor.ExecuteAsync("blockdev-reopen", new JsonObject { ["options"] = options }, cancellationToken);
        foreach (var (slot, opened) in slots.Zip(opening)) await TakenAsync($"The disk {slot.Path}", opened, placing);
        await TakenAsync("The disks", placing, Task.CompletedTask);
    }

    // Waits until QEMU has obeyed a command. Where it refuses, what follows fails with it, and tells nothing.
    private static async Task TakenAsync(string what, Task command, Task following)
    {
        try
        {
            await command;
        }
        catch (QmpException exception) when (exception.ErrorClass is not null)
        {
            await following.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw new MachineException($"{what} can't be plugged into the guest: {exception.Description}", exception);
        }
    }

    /// <summary>QEMU's node for the bytes of an image: what a device sees, whatever node they come from.</summary>
    public static JsonObject Format(string name, JsonNode file, bool writable) => Node(name, writable, new()
    {
        // Always told: what the guest writes must never decide what format its disk is taken for.
        ["driver"] = "raw",
        ["file"] = file,
    });

    /// <summary>QEMU's node for the file.</summary>
    public static JsonObject File(string? name, string path, bool writable) => Node(name, writable, new()
    {
        ["driver"] = "file",
        ["filename"] = path,
        ["locking"] = "on",
    });

    /// <summary>The guest's device for the node <paramref name="serial"/>.</summary>
    public static JsonObject Device(string serial, int index) => new()
    {
        ["driver"] = "scsi-hd",
        ["id"] = $"disk-{serial}",
        ["bus"] = QemuCommandLine.DiskBus,
        ["drive"] = serial,
        ["serial"] = serial,
        ["scsi-id"] = index / UnitsPerTarget,
        ["lun"] = index % UnitsPerTarget,
        // An error is told to guest and host; QEMU's default for a full disk is to stop the guest without a word.
        ["werror"] = "report",
        ["rerror"] = "report",
    };

    private static JsonObject Node(string? name, bool writable, JsonObject node)
    {
        if (name is not null) node["node-name"] = name;
        node["read-only"] = !writable;
        node["discard"] = writable ? "unmap" : "ignore";
        // Nothing that a job writes needs to survive a power cut: what comes of it is read back and stored anew.
        node["cache"] = new JsonObject { ["direct"] = false, ["no-flush"] = writable };
        return node;
    }

    private async Task PlugAsync(int index, QmpClient monitor, CancellationToken cancellationToken)
    {
        var opening = monitor.ExecuteAsync("blockdev-add", Format(Serial, File(null, Path, Writable), Writable), cancellationToken);
        var plugging = monitor.ExecuteAsync("device_add", Device(Serial, index), cancellationToken);
        await TakenAsync($"The disk {Path}", opening, plugging);
        await TakenAsync($"The disk {Path}", plugging, Task.CompletedTask);
    }
}
