using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>
/// Files that QEMU shows to the guest as one device, one behind the other: the extents of a VMDK, whose descriptor is all that is written for it
/// (VMware Virtual Disk Format 1.1, "The Descriptor").
/// </summary>
/// <param name="slot">What they are put behind.</param>
/// <param name="disks">The files: raw, of whole sectors.</param>
internal sealed class JoinedDisks(DiskSlot slot, IReadOnlyList<GuestDisk> disks)
{
    private const int SectorSize = 512;

    // QEMU runs in the machine's private directory. Links there have short names, without the characters that a descriptor can't quote.
    private string DescriptorName => $"{slot.Serial}.vmdk";

    /// <summary>Writes what QEMU needs to open them into the machine's private directory.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="MachineException">A disk is not there.</exception>
    public void Write(string directory)
    {
        var descriptor = new StringBuilder("# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"twoGbMaxExtentFlat\"\n");
        foreach (var (index, disk) in disks.Index())
        {
            var link = Path.Combine(directory, LinkName(index));
            if (!File.Exists(link)) File.CreateSymbolicLink(link, disk.Path);
            descriptor.Append(CultureInfo.InvariantCulture, $"RW {disk.Length / SectorSize} FLAT \"{LinkName(index)}\" 0\n");
        }

        File.WriteAllText(Path.Combine(directory, DescriptorName), descriptor.ToString());
    }

    /// <summary>QEMU's node for all of them.</summary>
    public JsonObject Node() => slot.Content("vmdk", new JsonObject { ["driver"] = "file", ["filename"] = DescriptorName });

    /// <summary>Which disk a message of QEMU's is about; null for none of them.</summary>
    public GuestDisk? NamedIn(string message) =>
        disks.Index().Where(pair => message.Contains($"'{LinkName(pair.Index)}'", StringComparison.Ordinal)).Select(pair => pair.Item).FirstOrDefault();

    private string LinkName(int index) => string.Create(CultureInfo.InvariantCulture, $"{slot.Serial}.{index}");
}
