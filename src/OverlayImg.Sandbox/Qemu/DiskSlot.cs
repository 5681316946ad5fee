using System.Text.Json.Nodes;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>
/// A drive that the guest has from its first moment on, empty: a device that has been probed before the guest was saved. What a job needs is put behind
/// it, which the guest does not notice: it is told where which disk is (vm-images/PROTOCOL.md, "Devices").
/// </summary>
/// <param name="Serial">Serial number of its device.</param>
/// <param name="Writable">Whether the guest may write to it.</param>
internal sealed record DiskSlot(string Serial, bool Writable)
{
    /// <summary>So many partitions has a device under Linux at most.</summary>
    public const int MostDisks = 255;

    /// <summary>Larger than all disks: the guest never learns the size of what is behind the slot, the host tells the length of each disk.</summary>
    private const long Size = 1L << 46;

    /// <summary>What the guest writes.</summary>
    public static DiskSlot Upper { get; } = new("upper", Writable: true);

    /// <summary>The caches of a job, one behind the other.</summary>
    public static DiskSlot Cache { get; } = new("cache", Writable: true);

    /// <summary>What it only reads, many disks one behind the other, and where one is full, in the next.</summary>
    public static IReadOnlyList<DiskSlot> ReadOnly { get; } = [new("readonly-0", Writable: false), new("readonly-1", Writable: false)];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DiskSlot> All { get; } = [Upper, Cache, .. ReadOnly];

    /// <summary>Name of QEMU's node for what is put behind the slot.</summary>
    public string ContentName => $"{Serial}-content";

    private string EmptyName => $"{Serial}-empty";

    /// <summary>The arguments of QEMU for the empty slot.</summary>
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
            // An error is told to guest and host; QEMU's default for a full disk is to stop the guest without a word.
            ["werror"] = "report",
            ["rerror"] = "report",
        }.ToJsonString(),
    ];

    /// <summary>QEMU's node for the file <paramref name="path"/> that is to be put behind the slot; raw bytes.</summary>
    public JsonObject File(string path) => Options(new()
    {
        ["driver"] = "file",
        ["node-name"] = ContentName,
        ["filename"] = path,
        ["locking"] = "on",
    });

    /// <summary>What puts the content behind the slot, once its node is there, or takes it away: one of the options of <c>blockdev-reopen</c>.</summary>
    public JsonObject Reopened(bool filled) => Node(filled ? ContentName : EmptyName);

    /// <summary>QEMU's node for what <paramref name="driver"/> makes of <paramref name="file"/>, to be put behind the slot.</summary>
    public JsonObject Content(string driver, JsonNode file) => Options(new()
    {
        ["driver"] = driver,
        ["node-name"] = ContentName,
        ["file"] = file,
    });

    // What the device sees, whatever is behind it.
    private JsonObject Node(string file) => Options(new()
    {
        // Always told: what the guest writes must never decide what format its disk is taken for.
        ["driver"] = "raw",
        ["node-name"] = Serial,
        ["file"] = file,
    });

    private JsonObject Options(JsonObject node)
    {
        node["read-only"] = !Writable;
        node["discard"] = Writable ? "unmap" : "ignore";
        // Nothing that a job writes needs to survive a power cut: what comes of it is read back and stored anew.
        node["cache"] = new JsonObject { ["direct"] = false, ["no-flush"] = Writable };
        return node;
    }
}
