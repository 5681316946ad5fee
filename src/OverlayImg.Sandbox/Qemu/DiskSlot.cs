using System.Text.Json.Nodes;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>
/// A drive that the guest has from its first moment on, empty: a device that has been probed, and been given a name, before the guest was saved.
/// What a job needs is put behind it, which the guest does not notice: it takes no part of the time that plugging a new device takes
/// (vm-images/PROTOCOL.md, "Devices").
/// </summary>
/// <param name="Serial">Serial number of its device.</param>
/// <param name="Unit">Logical unit of the first target.</param>
/// <param name="Writable">Whether the guest may write to it.</param>
internal sealed record DiskSlot(string Serial, int Unit, bool Writable)
{
    /// <summary>So many parent layers have a slot; few images have more of them. Each costs the first boot some milliseconds.</summary>
    private const int Parents = 40;

    /// <summary>Larger than any disk: the guest never learns the size of what is behind the slot, the disk's file system tells its own.</summary>
    private const long Size = 1L << 46;

    /// <summary>All of them, in the order of their units.</summary>
    public static IReadOnlyList<DiskSlot> All { get; } =
    [
        new("job", 0, Writable: false), new("upper", 1, Writable: true),
        .. Enumerable.Range(0, Parents).Select(parent => new DiskSlot($"parent-{parent}", parent + 2, Writable: false)),
    ];

    private string EmptyName => $"{Serial}-empty";

    private string FileName => $"{Serial}-file";

    /// <summary>The arguments of QEMU for the empty slot.</summary>
    public IEnumerable<string> Arguments() =>
    [
        "-blockdev", new JsonObject
        {
            ["driver"] = "null-co", ["node-name"] = EmptyName, ["size"] = Size, ["read-zeroes"] = true, ["read-only"] = !Writable,
        }.ToJsonString(),
        "-blockdev", GuestDisk.Format(Serial, EmptyName, Writable).ToJsonString(),
        "-device", GuestDisk.Device(Serial, Unit).ToJsonString(),
    ];

    /// <summary>QEMU's node for the bytes of the file that is put behind the slot, opened before it is (<c>blockdev-add</c>).</summary>
    public JsonObject File(string path) => GuestDisk.File(FileName, path, Writable);

    /// <summary>What puts that file behind the slot: one of the options of <c>blockdev-reopen</c>.</summary>
    public JsonObject Filled() => GuestDisk.Format(Serial, FileName, Writable);
}
