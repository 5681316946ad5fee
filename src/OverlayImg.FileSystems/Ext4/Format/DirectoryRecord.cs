using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary><c>struct ext4_dir_entry_2</c>: 8 bytes, then the name, then padding up to the next record.</summary>
/// <param name="Inode">0 for an empty slot.</param>
/// <param name="Length">Distance to the next record of the block; the last one's reaches the block's end.</param>
/// <param name="NameLength">Bytes of the name.</param>
/// <param name="FileType">See <see cref="InodeMode.DirectoryEntryType"/>.</param>
internal readonly record struct DirectoryRecord(uint Inode, int Length, int NameLength, byte FileType)
{
    /// <summary>Bytes in front of the name.</summary>
    public const int HeaderSize = 8;

    /// <summary>The least bytes of the records of <c>.</c> and <c>..</c> together.</summary>
    public const int DotsLength = 2 * DotLength;

    private const int DotLength = 12;

    /// <summary>The least bytes that a record with such a name takes.</summary>
    public static int LengthFor(int nameLength) => (HeaderSize + nameLength + 3) & ~3;

    public static DirectoryRecord Read(ReadOnlySpan<byte> bytes) =>
        new(ReadUInt32LittleEndian(bytes), ReadUInt16LittleEndian(bytes[4..]), bytes[6], bytes[7]);

    /// <summary>Changes the length of a record that was written.</summary>
    public static void WriteLength(Span<byte> bytes, int length) => WriteUInt16LittleEndian(bytes[4..], checked((ushort)length));

    /// <summary>Writes <c>.</c> and <c>..</c> to the front of a directory's first block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="self">Inode of the directory.</param>
    /// <param name="parent">Inode of the directory that it stands in.</param>
    /// <param name="length">Bytes that both records take together.</param>
    public static void WriteDots(Span<byte> block, int self, int parent, int length)
    {
        var type = InodeMode.DirectoryEntryType(FileSystems.FileType.Directory);
        new DirectoryRecord((uint)self, DotLength, 1, type).Write(block, "."u8);
        new DirectoryRecord((uint)parent, length - DotLength, 2, type).Write(block[DotLength..], ".."u8);
    }

    /// <summary>Writes the record's head and its name.</summary>
    public void Write(Span<byte> bytes, ReadOnlySpan<byte> name)
    {
        WriteUInt32LittleEndian(bytes, Inode);
        WriteUInt16LittleEndian(bytes[4..], checked((ushort)Length));
        bytes[6] = checked((byte)name.Length);
        bytes[7] = FileType;
        name.CopyTo(bytes[HeaderSize..]);
    }
}
