using OverlayImg.FileSystems.Ext4.Format;
using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// Divides the extended attributes of a node between its inode and its block (kernel documentation, <c>filesystems/ext4/attributes</c>). The
/// inode gets the largest attribute that fits, then the next attribute that fits, and so on. This order leaves the most room in the block.
/// </summary>
internal sealed class XattrPlacement
{
    private const int InodeCapacity =
        DiskFormat.InodeSize - Inode.BaseSize - Inode.ExtraSize - XattrEntry.InodeHeaderSize - XattrEntry.TerminatorSize;

    private const int BlockCapacity = DiskFormat.BlockSize - XattrEntry.BlockHeaderSize - XattrEntry.TerminatorSize;
    private readonly List<Item> _inInode = [];
    private readonly List<Item> _inBlock = [];

    private XattrPlacement()
    {
    }

    /// <summary>Whether some attributes do not fit into the inode.</summary>
    public bool NeedsBlock => _inBlock.Count > 0;

    /// <summary>Assigns each attribute to the inode or to the block.</summary>
    /// <exception cref="InputException">The attributes are too large, or ext4 can't hold one of them. The caller adds the path.</exception>
    public static XattrPlacement Of(ExtendedAttributes attributes)
    {
        var placement = new XattrPlacement();
        var items = attributes.Select(ToItem).ToList();
        var (inodeRoom, blockRoom) = (InodeCapacity, BlockCapacity);
        foreach (var item in items.OrderByDescending(item => item.Size).ThenBy(item => item, Item.KernelOrder))
        {
            var fitsInode = item.Size <= inodeRoom;
            (fitsInode ? ref inodeRoom : ref blockRoom) -= item.Size;
            (fitsInode ? placement._inInode : placement._inBlock).Add(item);
        }

        if (blockRoom < 0)
        {
            throw new InputException($"extended attributes of {items.Sum(item => item.Size)} bytes are too large for ext4: " +
                $"{InodeCapacity} fit into the inode and {BlockCapacity} into one block");
        }

        placement._inInode.Sort(Item.KernelOrder);
        placement._inBlock.Sort(Item.KernelOrder);
        return placement;
    }

    /// <summary>Writes the inode's attributes to a record with zeros after its fields.</summary>
    public void WriteInInode(Span<byte> record)
    {
        if (_inInode.Count == 0) return;
        var area = record[(Inode.BaseSize + Inode.ExtraSize)..];
        WriteUInt32LittleEndian(area, XattrEntry.Magic);
        WriteItems(_inInode, area[XattrEntry.InodeHeaderSize..], 0);
    }

    /// <summary>Writes the block's attributes and <c>struct ext4_xattr_header</c> to a block of zeros.</summary>
    public void WriteBlock(Span<byte> block)
    {
        WriteUInt32LittleEndian(block, XattrEntry.Magic);
        WriteUInt32LittleEndian(block[4..], 1); // h_refcount
        WriteUInt32LittleEndian(block[8..], 1); // h_blocks
        WriteUInt32LittleEndian(block[12..], WriteItems(_inBlock, block, XattrEntry.BlockHeaderSize)); // h_hash
    }

    private static Item ToItem(ExtendedAttribute attribute)
    {
        var name = XattrName.Of(attribute.Name);
        if (name.Suffix.Length > byte.MaxValue || attribute.Name.IsEmpty || attribute.Name.Span.Contains((byte)0))
        {
            throw new InputException($"the extended attribute '{attribute.Name}' has a name that ext4 can't hold");
        }

        if (!name.IsAcl) return new(name, attribute.Value.Memory);
        var onDisk = PosixAcl.ToDisk(attribute.Value.Span) ?? throw new InputException($"the access control list {attribute.Name} is malformed");
        return new(name, onDisk);
    }

    // Entries are written from the front, values from the back.
    private static uint WriteItems(List<Item> items, Span<byte> area, int firstEntry)
    {
        var (entry, value, blockHash, isHashed) = (firstEntry, area.Length, 0u, true);
        foreach (var (name, bytes) in items)
        {
            var hash = XattrEntry.HashOf(name.Suffix.Span, bytes.Span);
            value -= XattrEntry.Padded(bytes.Length);
            bytes.Span.CopyTo(area[value..]);
            var offset = bytes.IsEmpty ? (ushort)0 : (ushort)value;
            new XattrEntry((byte)name.Suffix.Length, name.Index, offset, 0, (uint)bytes.Length, hash).Write(area[entry..]);
            name.Suffix.Span.CopyTo(area[(entry + XattrEntry.HeaderSize)..]);
            entry += XattrEntry.HeaderSize + XattrEntry.Padded(name.Suffix.Length);
            blockHash = XattrEntry.AddToBlockHash(blockHash, hash);
            // A block hash of 0 tells the kernel not to share the block with other inodes.
            isHashed &= hash != 0;
        }

        return isHashed ? blockHash : 0;
    }

    private readonly record struct Item(XattrName Name, ReadOnlyMemory<byte> Value)
    {
        // The kernel's search in a block relies on this order: it stops at the first larger name. e2fsck does not check the order.
        public static Comparer<Item> KernelOrder { get; } = Comparer<Item>.Create((left, right) =>
        {
            var byIndex = left.Name.Index.CompareTo(right.Name.Index);
            if (byIndex != 0) return byIndex;
            var byLength = left.Name.Suffix.Length.CompareTo(right.Name.Suffix.Length);
            return byLength != 0 ? byLength : left.Name.Suffix.Span.SequenceCompareTo(right.Name.Suffix.Span);
        });

        public int Size => XattrEntry.HeaderSize + XattrEntry.Padded(Name.Suffix.Length) + XattrEntry.Padded(Value.Length);
    }
}
