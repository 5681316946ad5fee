using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary><c>struct ext4_group_desc</c>: the locations of a group's bitmaps and inode table, and its numbers of free blocks and inodes.</summary>
internal readonly record struct GroupDescriptor(
    ulong BlockBitmap, ulong InodeBitmap, ulong InodeTable, ushort FreeBlocksCount, ushort FreeInodesCount, ushort UsedDirectoriesCount)
{
    /// <summary>Size in bytes without the <c>64bit</c> feature.</summary>
    public const int Size = 32;

    /// <summary>Minimum size in bytes with the <c>64bit</c> feature.</summary>
    public const int LargeSize = 64;

    /// <summary>Writes a descriptor of 32 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        WriteUInt32LittleEndian(bytes, checked((uint)BlockBitmap));
        WriteUInt32LittleEndian(bytes[0x4..], checked((uint)InodeBitmap));
        WriteUInt32LittleEndian(bytes[0x8..], checked((uint)InodeTable));
        WriteUInt16LittleEndian(bytes[0xC..], FreeBlocksCount);
        WriteUInt16LittleEndian(bytes[0xE..], FreeInodesCount);
        WriteUInt16LittleEndian(bytes[0x10..], UsedDirectoriesCount);
    }

    /// <summary>Reads the block number of the inode table from a descriptor of either size. Readers need no other field.</summary>
    public static ulong ReadInodeTable(ReadOnlySpan<byte> bytes) =>
        ReadUInt32LittleEndian(bytes[0x8..]) | (bytes.Length >= LargeSize ? (ulong)ReadUInt32LittleEndian(bytes[0x28..]) << 32 : 0);
}
