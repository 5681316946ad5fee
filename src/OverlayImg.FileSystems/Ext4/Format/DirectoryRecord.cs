using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary><c>struct ext4_dir_entry_2</c>: 8 bytes, the name, and padding up to the next record.</summary>
/// <param name="Inode">Inode number; 0 for an unused record.</param>
/// <param name="Length">Bytes up to the next record of the block. The last record extends to the end of the block.</param>
/// <param name="NameLength">Length of the name in bytes.</param>
/// <param name="FileType">A value of <see cref="InodeMode.DirectoryEntryType"/>.</param>
internal readonly record struct DirectoryRecord(uint Inode, int Length, int NameLength, byte FileType)
{
    /// <summary>Number of bytes before the name.</summary>
    public const int HeaderSize = 8;

    /// <summary>Minimum total size in bytes of the records of <c>.</c> and <c>..</c>.</summary>
    public const int DotsLength = 2 * DotLength;

    private const int DotLength = 12;

    /// <summary>Minimum size in bytes of a record with a name of that length.</summary>
    public static int LengthFor(int nameLength) => (HeaderSize + nameLength + 3) & ~3;

    public static DirectoryRecord Read(ReadOnlySpan<byte> bytes) =>
        new(ReadUInt32LittleEndian(bytes), ReadUInt16LittleEndian(bytes[4..]), bytes[6], bytes[7]);

    /// <summary>Changes the length field of a written record.</summary>
    public static void WriteLength(Span<byte> bytes, int length) => WriteUInt16LittleEndian(bytes[4..], checked((ushort)length));

    /// <summary>Writes the records of <c>.</c> and <c>..</c> to the start of a directory's first block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="self">Inode number of the directory.</param>
    /// <param name="parent">Inode number of the parent directory.</param>
    /// <param name="length">Total size in bytes of both records.</param>
    public static void WriteDots(Span<byte> block, int self, int parent, int length)
    {
        var type = InodeMode.DirectoryEntryType(FileSystems.FileType.Directory);
        new DirectoryRecord((uint)self, DotLength, 1, type).Write(block, "."u8);
        new DirectoryRecord((uint)parent, length - DotLength, 2, type).Write(block[DotLength..], ".."u8);
    }

    /// <summary>Writes the header of the record and the name, without padding.</summary>
    public void Write(Span<byte> bytes, ReadOnlySpan<byte> name)
    {
        WriteUInt32LittleEndian(bytes, Inode);
        WriteUInt16LittleEndian(bytes[4..], checked((ushort)Length));
        bytes[6] = checked((byte)name.Length);
        bytes[7] = FileType;
        name.CopyTo(bytes[HeaderSize..]);
    }
}
