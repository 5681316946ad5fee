using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Qmp;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>The disks of one job. Attaches them to the slots of a guest, which may be running or paused.</summary>
internal sealed class GuestDisks
{
    private readonly GuestDisk _upper;
    private readonly IReadOnlyList<GuestDisk> _readOnly;
    private readonly IReadOnlyList<(DiskSlot Slot, JoinedDisks Disks)> _joined;
    private readonly IReadOnlyList<GuestDisk> _caches;

    /// <summary>Collects the disks of <paramref name="job"/>.</summary>
    /// <exception cref="MachineException">The job has more disks than a guest has room for.</exception>
    public GuestDisks(GuestJob job)
    {
        _upper = GuestDisk.UpperOf(job);
        _readOnly = GuestDisk.ReadOnlyOf(job);
        _caches = GuestDisk.CachesOf(job);
        var room = DiskSlot.ReadOnly.Count * DiskSlot.MostDisks;
        if (_readOnly.Count > room)
        {
            throw new MachineException(string.Create(
                CultureInfo.InvariantCulture, $"A guest has room for {room} parent layers and mounts, but the job has {_readOnly.Count}"));
        }

        _joined = [.. DiskSlot.ReadOnly.Zip(_readOnly.Chunk(DiskSlot.MostDisks), (slot, disks) => (slot, new JoinedDisks(slot, disks)))];
    }

    /// <summary>The slots that <see cref="PlugAsync"/> attaches disks to.</summary>
    public IReadOnlyList<DiskSlot> Slots => [DiskSlot.Upper, .. _joined.Select(joined => joined.Slot)];

    /// <summary>The command DISKS with a line for each disk except the caches (vm-images/PROTOCOL.md, DISKS).</summary>
    /// <exception cref="MachineException">A disk image does not exist.</exception>
    public byte[] Command() => CommandFor([_upper, .. _readOnly]);

    /// <summary>The command DISKS with a line for each cache; empty for a job without caches.</summary>
    /// <exception cref="MachineException">A disk image does not exist.</exception>
    public byte[] CacheCommand() => _caches.Count == 0 ? [] : CommandFor(_caches);

    private static byte[] CommandFor(IReadOnlyList<GuestDisk> disks) => Encoding.ASCII.GetBytes(string.Concat([
        string.Create(CultureInfo.InvariantCulture, $"DISKS {disks.Count}\n"),
        .. disks.Select(disk => string.Create(CultureInfo.InvariantCulture, $"{disk.Name} {disk.Length}\n")),
    ]));

    /// <summary>Attaches the caches to their slot. QEMU can't save the guest afterwards.</summary>
    /// <inheritdoc cref="PlugAsync"/>
    public Task PlugCachesAsync(string directory, QmpClient monitor, CancellationToken cancellationToken)
    {
        if (_caches.Count == 0) return Task.CompletedTask;
        var opened = Open(DiskSlot.Cache, new(DiskSlot.Cache, _caches), directory, monitor, cancellationToken);
        return ReopenAsync([opened], monitor, cancellationToken);
    }

    /// <summary>Attaches all disks except the caches to the slots.</summary>
    /// <param name="directory">The machine's private directory, which is QEMU's current directory.</param>
    /// <param name="monitor">QEMU's monitor.</param>
    /// <exception cref="MachineException">QEMU can't open a disk.</exception>
    /// <exception cref="QmpException">QEMU ended.</exception>
    public async Task PlugAsync(string directory, QmpClient monitor, CancellationToken cancellationToken)
    {
        var upper = (DiskSlot.Upper, monitor.ExecuteAsync("blockdev-add", DiskSlot.Upper.File(_upper.Path), cancellationToken));
        await ReopenAsync([upper, .. OpenReadOnly(directory, monitor, cancellationToken)], monitor, cancellationToken);
    }

    /// <summary>
    /// Detaches the disks behind <paramref name="slots"/>, because QEMU can't save a guest with an open VMDK. The guest must be paused.
    /// </summary>
    /// <exception cref="QmpException">QEMU refused a command, or ended.</exception>
    public static async Task UnplugAsync(IReadOnlyList<DiskSlot> slots, QmpClient monitor, CancellationToken cancellationToken)
    {
        if (slots.Count == 0) return;
        await monitor.ExecuteAsync("blockdev-reopen", Reopening(slots, filled: false), cancellationToken);
        foreach (var slot in slots)
            await monitor.ExecuteAsync("blockdev-del", new JsonObject { ["node-name"] = slot.ContentName }, cancellationToken);
    }

    private (DiskSlot, Task)[] OpenReadOnly(string directory, QmpClient monitor, CancellationToken cancellationToken) =>
        [.. _joined.Select(joined => Open(joined.Slot, joined.Disks, directory, monitor, cancellationToken))];

    private static (DiskSlot, Task) Open(DiskSlot slot, JoinedDisks disks, string directory, QmpClient monitor, CancellationToken cancellationToken)
    {
        disks.Write(directory);
        return (slot, monitor.ExecuteAsync("blockdev-add", disks.Node(), cancellationToken));
    }

    // All commands are sent before the first response; QEMU executes them in their order. One command reopens all slots, because QEMU waits for
    // all pending requests at each blockdev-reopen.
    private async Task ReopenAsync((DiskSlot Slot, Task Opening)[] opened, QmpClient monitor, CancellationToken cancellationToken)
    {
        if (opened.Length == 0) return;
        var reopening = monitor.ExecuteAsync("blockdev-reopen", Reopening(opened.Select(open => open.Slot), filled: true), cancellationToken);
        foreach (var (slot, opening) in opened) await AwaitCommandAsync(slot, opening, reopening);
        await AwaitCommandAsync(null, reopening, Task.CompletedTask);
    }

    private static JsonObject Reopening(IEnumerable<DiskSlot> slots, bool filled) =>
        new() { ["options"] = new JsonArray([.. slots.Select(slot => slot.Reopened(filled))]) };

    // Waits for the response to a command. If QEMU refuses it, the following command fails too, and its error says nothing new.
    private async Task AwaitCommandAsync(DiskSlot? slot, Task command, Task following)
    {
        try
        {
            await command;
        }
        catch (QmpException exception) when (exception.ErrorClass is not null)
        {
            await following.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw DiskIn(slot, exception.Description)?.Refused(exception.Description, exception)
                ?? new MachineException($"The disks can't be plugged into the guest: {exception.Description}", exception);
        }
    }

    private GuestDisk? DiskIn(DiskSlot? slot, string message) =>
        slot == DiskSlot.Upper ? _upper
        : slot == DiskSlot.Cache ? new JoinedDisks(DiskSlot.Cache, _caches).NamedIn(message)
        : _joined.Where(joined => joined.Slot == slot).Select(joined => joined.Disks.NamedIn(message)).FirstOrDefault();
}
