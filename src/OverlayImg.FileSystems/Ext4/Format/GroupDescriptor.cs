using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary><c>struct ext4_group_desc</c>: where a group's bitmaps and inode table lie, and what is free in it.</summary>
internal readonly record struct GroupDescriptor(
    ulong BlockBitmap, ulong InodeBitmap, ulong InodeTable, ushort FreeBlocksCount, ushort FreeInodesCount, ushort UsedDirectoriesCount)
{
    /// <summary>Bytes without the <c>64bit</c> feature.</summary>
    public const int Size = 32;

    /// <summary>Bytes with the <c>64bit</c> feature, at least.</summary>
    public const int LargeSize = 64;

    /// <summary>Writes the 32-byte form.</summary>
    public void Write(Span<byte> bytes)
    {
        WriteUInt32LittleEndian(bytes, checked((uint)BlockBitmap));
        WriteUInt32LittleEndian(bytes[0x4..], checked((uint)InodeBitmap));
        WriteUInt32LittleEndian(bytes[0x8..], checked((uint)InodeTable));
        WriteUInt16LittleEndian(bytes[0xC..], FreeBlocksCount);
        WriteUInt16LittleEndian(bytes[0xE..], FreeInodesCount);
        WriteUInt16LittleEndian(bytes[0x10..], UsedDirectoriesCount);
    }

    /// <summary>Block number of the inode table, of either form: all that a reader needs.</summary>
    public static ulong ReadInodeTable(ReadOnlySpan<byte> bytes) =>
        ReadUInt32LittleEndian(bytes[0x8..]) | (bytes.Length >= LargeSize ? (ulong)ReadUInt32LittleEndian(bytes[0x28..]) << 32 : 0);
}
