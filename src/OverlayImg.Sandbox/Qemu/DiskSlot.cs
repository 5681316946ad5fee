using System.Text.Json.Nodes;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>
/// A virtio-blk device that is empty when the guest starts. The guest's drivers probe the device before the guest is saved. For a job, QEMU
/// attaches disks behind the slot, which the guest does not notice: the host tells it which disks there are (vm-images/PROTOCOL.md, "Devices").
/// </summary>
/// <param name="Serial">Serial number of the device, by which the guest knows it.</param>
/// <param name="Writable">Whether the guest may write to the device.</param>
internal sealed record DiskSlot(string Serial, bool Writable)
{
    /// <summary>Maximum number of disks behind a slot. Linux supports so many partitions of a device.</summary>
    public const int MostDisks = 255;

    /// <summary>
    /// Size of the device in bytes. The guest never learns the real size, so the device must be larger than all disks. The host sends the length of
    /// each disk.
    /// </summary>
    private const long Size = 1L << 46;

    /// <summary>The slot of the upper disk.</summary>
    public static DiskSlot Upper { get; } = new("upper", Writable: true);

    /// <summary>The slot of the job's caches, which are concatenated.</summary>
    public static DiskSlot Cache { get; } = new("cache", Writable: true);

    /// <summary>The slots of the read-only disks, which are concatenated. The disks that the first slot has no room for are on the second.</summary>
    public static IReadOnlyList<DiskSlot> ReadOnly { get; } = [new("readonly-0", Writable: false), new("readonly-1", Writable: false)];

    /// <summary>All slots of a guest.</summary>
    public static IReadOnlyList<DiskSlot> All { get; } = [Upper, Cache, .. ReadOnly];

    /// <summary>Name of the QEMU block node that is attached behind the slot.</summary>
    public string ContentName => $"{Serial}-content";

    private string EmptyName => $"{Serial}-empty";

    /// <summary>QEMU's arguments for the empty slot.</summary>
    public IEnumerable<string> Arguments() =>
    [
        "-blockdev", new JsonObject
        {
            ["driver"] = "null-co", ["node-name"] = EmptyName, ["size"] = Size, ["read-zeroes"] = true, ["read-only"] = !Writable,
        }.ToJsonString(),
        "-blockdev", Node(EmptyName).ToJsonString(),
        "-device", new JsonObject
        {
            ["driver"] = "virtio-blk-pci",
            ["id"] = $"disk-{Serial}",
            ["drive"] = Serial,
            ["serial"] = Serial,
            ["num-queues"] = 1,
            // I/O errors are reported to guest and host. By default QEMU stops the guest silently when the host's disk is full.
            ["werror"] = "report",
            ["rerror"] = "report",
        }.ToJsonString(),
    ];

    /// <summary>The block node for a raw disk image at <paramref name="path"/>.</summary>
    public JsonObject File(string path) => Options(new()
    {
        ["driver"] = "file",
        ["node-name"] = ContentName,
        ["filename"] = path,
        ["locking"] = "on",
    });

    /// <summary>
    /// An element of the <c>options</c> of <c>blockdev-reopen</c>: attaches the block node <see cref="ContentName"/> to the slot, or makes the slot
    /// empty.
    /// </summary>
    public JsonObject Reopened(bool filled) => Node(filled ? ContentName : EmptyName);

    /// <summary>The block node for <paramref name="file"/>, read by the block driver <paramref name="driver"/>.</summary>
    public JsonObject Content(string driver, JsonNode file) => Options(new()
    {
        ["driver"] = driver,
        ["node-name"] = ContentName,
        ["file"] = file,
    });

    // The block node of the device. It stays the same while the node below it is exchanged.
    private JsonObject Node(string file) => Options(new()
    {
        // Explicit, so that QEMU never probes the format: the guest could write a header of another format to its disk.
        ["driver"] = "raw",
        ["node-name"] = Serial,
        ["file"] = file,
    });

    private JsonObject Options(JsonObject node)
    {
        node["read-only"] = !Writable;
        node["discard"] = Writable ? "unmap" : "ignore";
        // Flushes are ignored: the data that a job writes is read back and stored again, so the disk need not survive a power failure.
        node["cache"] = new JsonObject { ["direct"] = false, ["no-flush"] = Writable };
        return node;
    }
}
