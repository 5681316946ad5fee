using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>
/// Disk images that QEMU concatenates into one device. They are the extents of a VMDK; only its descriptor is written (VMware Virtual Disk
/// Format 1.1, "The Descriptor").
/// </summary>
/// <param name="disks">Raw disk images whose lengths are multiples of 512 bytes.</param>
internal sealed class JoinedDisks(DiskSlot slot, IReadOnlyList<GuestDisk> disks)
{
    private const int SectorSize = 512;

    // A descriptor can't quote every file name, so the extents are symbolic links with plain names in QEMU's current directory.
    private string DescriptorName => $"{slot.Serial}.vmdk";

    /// <summary>Writes the descriptor and the symbolic links to the machine's private directory.</summary>
    /// <exception cref="IOException">The directory can't be written.</exception>
    /// <exception cref="MachineException">A disk image does not exist.</exception>
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

    /// <summary>The block node for the VMDK.</summary>
    public JsonObject Node() => slot.Content("vmdk", new JsonObject { ["driver"] = "file", ["filename"] = DescriptorName });

    /// <summary>Returns the disk that an error message of QEMU names, or null if it names none.</summary>
    public GuestDisk? NamedIn(string message) =>
        disks.Index().Where(pair => message.Contains($"'{LinkName(pair.Index)}'", StringComparison.Ordinal))
            .Select(pair => pair.Item).FirstOrDefault();

    private string LinkName(int index) => string.Create(CultureInfo.InvariantCulture, $"{slot.Serial}.{index}");
}
