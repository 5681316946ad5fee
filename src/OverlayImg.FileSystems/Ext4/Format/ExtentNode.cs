using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary><c>struct ext4_extent</c>: blocks of a file that are contiguous on the disk.</summary>
/// <param name="LogicalBlock">Number of the first block in the file.</param>
/// <param name="Count">Number of blocks.</param>
/// <param name="PhysicalBlock">Number of the first block on the disk.</param>
/// <param name="IsUnwritten">Whether the blocks are allocated but read as zeros.</param>
internal readonly record struct Extent(uint LogicalBlock, int Count, ulong PhysicalBlock, bool IsUnwritten = false)
{
    /// <summary>Largest length of a written extent (<c>EXT_INIT_MAX_LEN</c>). A larger length field is an unwritten extent of the excess.</summary>
    public const int MaximumCount = 32768;

    public static Extent Read(ReadOnlySpan<byte> entry)
    {
        int length = ReadUInt16LittleEndian(entry[4..]);
        var physical = ReadUInt32LittleEndian(entry[8..]) | ((ulong)ReadUInt16LittleEndian(entry[6..]) << 32);
        var isUnwritten = length > MaximumCount;
        return new(ReadUInt32LittleEndian(entry), isUnwritten ? length - MaximumCount : length, physical, isUnwritten);
    }

    /// <summary>Writes the entry of a written extent.</summary>
    public void Write(Span<byte> entry)
    {
        WriteUInt32LittleEndian(entry, LogicalBlock);
        WriteUInt16LittleEndian(entry[4..], checked((ushort)Count));
        WriteUInt32LittleEndian(entry[8..], checked((uint)PhysicalBlock));
    }
}

/// <summary><c>struct ext4_extent_idx</c>: a reference to a node one level below.</summary>
/// <param name="LogicalBlock">Number of the first block in the file that the node covers.</param>
/// <param name="NodeBlock">Number of the node's block on the disk.</param>
internal readonly record struct ExtentIndex(uint LogicalBlock, ulong NodeBlock)
{
    public static ExtentIndex Read(ReadOnlySpan<byte> entry) =>
        new(ReadUInt32LittleEndian(entry), ReadUInt32LittleEndian(entry[4..]) | ((ulong)ReadUInt16LittleEndian(entry[8..]) << 32));

    public void Write(Span<byte> entry)
    {
        WriteUInt32LittleEndian(entry, LogicalBlock);
        WriteUInt32LittleEndian(entry[4..], checked((uint)NodeBlock));
    }
}

/// <summary><c>struct ext4_extent_header</c>: the start of each node of an extent tree, in the inode or in a block.</summary>
/// <param name="Entries">Number of entries in the node.</param>
/// <param name="Maximum">Number of entries that the node has room for.</param>
/// <param name="Depth">Number of levels below the node; 0 for a leaf.</param>
internal readonly record struct ExtentHeader(int Entries, int Maximum, int Depth)
{
    /// <summary>The magic number <c>EXT4_EXT_MAGIC</c>.</summary>
    public const ushort Magic = 0xF30A;

    /// <summary>Size in bytes of the header, and of each entry.</summary>
    public const int Size = 12;

    /// <summary>Maximum number of entries of the root in an inode.</summary>
    public const int EntriesInInode = (Inode.BlockAreaSize - Size) / Size;

    /// <summary>Maximum number of entries of a node in a block.</summary>
    public const int EntriesInBlock = (DiskFormat.BlockSize - Size) / Size;

    /// <summary>Maximum depth of the root (<c>EXT4_MAX_EXTENT_DEPTH</c>).</summary>
    public const int MaximumDepth = 5;

    public static ushort MagicOf(ReadOnlySpan<byte> node) => ReadUInt16LittleEndian(node);

    public static ExtentHeader Read(ReadOnlySpan<byte> node) =>
        new(ReadUInt16LittleEndian(node[2..]), ReadUInt16LittleEndian(node[4..]), ReadUInt16LittleEndian(node[6..]));

    /// <summary>The bytes of the entry <paramref name="index"/>.</summary>
    public static Span<byte> Entry(Span<byte> node, int index) => node.Slice(Size + (index * Size), Size);

    /// <inheritdoc cref="Entry(Span{byte}, int)"/>
    public static ReadOnlySpan<byte> Entry(ReadOnlySpan<byte> node, int index) => node.Slice(Size + (index * Size), Size);

    public void Write(Span<byte> node)
    {
        WriteUInt16LittleEndian(node, Magic);
        WriteUInt16LittleEndian(node[2..], checked((ushort)Entries));
        WriteUInt16LittleEndian(node[4..], checked((ushort)Maximum));
        WriteUInt16LittleEndian(node[6..], checked((ushort)Depth));
    }
}
