using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary><c>struct ext4_extent</c>: a run of a file's blocks that lies in one piece.</summary>
/// <param name="LogicalBlock">First block in the file.</param>
/// <param name="Count">Number of blocks.</param>
/// <param name="PhysicalBlock">First block on the disk.</param>
/// <param name="IsUnwritten">Whether the blocks are set aside but read as zeros.</param>
internal readonly record struct Extent(uint LogicalBlock, int Count, ulong PhysicalBlock, bool IsUnwritten = false)
{
    /// <summary><c>EXT_INIT_MAX_LEN</c>; a length above it means so many unwritten blocks more.</summary>
    public const int MaximumCount = 32768;

    public static Extent Read(ReadOnlySpan<byte> entry)
    {
        int length = ReadUInt16LittleEndian(entry[4..]);
        var physical = ReadUInt32LittleEndian(entry[8..]) | ((ulong)ReadUInt16LittleEndian(entry[6..]) << 32);
        var isUnwritten = length > MaximumCount;
        return new(ReadUInt32LittleEndian(entry), isUnwritten ? length - MaximumCount : length, physical, isUnwritten);
    }

    /// <summary>Writes a run of data.</summary>
    public void Write(Span<byte> entry)
    {
        WriteUInt32LittleEndian(entry, LogicalBlock);
        WriteUInt16LittleEndian(entry[4..], checked((ushort)Count));
        WriteUInt32LittleEndian(entry[8..], checked((uint)PhysicalBlock));
    }
}

/// <summary><c>struct ext4_extent_idx</c>: a node one level below.</summary>
/// <param name="LogicalBlock">First block of the file that it tells of.</param>
/// <param name="NodeBlock">Where on the disk it lies.</param>
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

/// <summary><c>struct ext4_extent_header</c>: begins every node of an extent tree, be it in the inode or in a block.</summary>
/// <param name="Entries">Number of entries behind it.</param>
/// <param name="Maximum">Number of entries that there is room for.</param>
/// <param name="Depth">0 for a leaf.</param>
internal readonly record struct ExtentHeader(int Entries, int Maximum, int Depth)
{
    /// <summary><c>EXT4_EXT_MAGIC</c>.</summary>
    public const ushort Magic = 0xF30A;

    /// <summary>Bytes of the header, and of every entry.</summary>
    public const int Size = 12;

    /// <summary>Entries in an inode.</summary>
    public const int EntriesInInode = (Inode.BlockAreaSize - Size) / Size;

    /// <summary>Entries in a block.</summary>
    public const int EntriesInBlock = (DiskFormat.BlockSize - Size) / Size;

    /// <summary><c>EXT4_MAX_EXTENT_DEPTH</c>.</summary>
    public const int MaximumDepth = 5;

    public static ushort MagicOf(ReadOnlySpan<byte> node) => ReadUInt16LittleEndian(node);

    public static ExtentHeader Read(ReadOnlySpan<byte> node) =>
        new(ReadUInt16LittleEndian(node[2..]), ReadUInt16LittleEndian(node[4..]), ReadUInt16LittleEndian(node[6..]));

    /// <summary>The entry of that number.</summary>
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
