using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>The flags <c>i_flags</c>.</summary>
[Flags]
internal enum InodeFlags : uint
{
    None = 0,

    /// <summary>The directory has a hash index (<c>EXT4_INDEX_FL</c>).</summary>
    Index = 0x1000,

    /// <summary><c>i_block</c> has the root of an extent tree (<c>EXT4_EXTENTS_FL</c>).</summary>
    Extents = 0x8_0000,
}

/// <summary>
/// <c>struct ext4_inode</c> without <c>i_block</c>, which <see cref="BlockArea(Span{byte})"/> returns. A tree's node has one time, which the writer
/// stores as all four times of the inode.
/// </summary>
internal readonly record struct Inode
{
    /// <summary>Size in bytes of the part that every inode has (<c>EXT4_GOOD_OLD_INODE_SIZE</c>).</summary>
    public const int BaseSize = 128;

    /// <summary>The <c>i_extra_isize</c> of written inodes: all fields up to <c>i_projid</c>.</summary>
    public const int ExtraSize = 32;

    /// <summary>Size of <c>i_block</c> in bytes.</summary>
    public const int BlockAreaSize = 60;

    public required ushort Mode { get; init; }

    public required uint Uid { get; init; }

    public required uint Gid { get; init; }

    public required ulong Size { get; init; }

    public required Timestamp ModificationTime { get; init; }

    public required ushort LinksCount { get; init; }

    /// <summary><c>i_blocks</c>: number of 512-byte sectors. Only the writer uses it.</summary>
    public ulong Sectors { get; init; }

    public InodeFlags Flags { get; init; }

    /// <summary>Number of the block with extended attributes, or 0.</summary>
    public ulong FileAcl { get; init; }

    /// <summary><c>i_extra_isize</c> of an inode that was read; 0 for an inode of 128 bytes.</summary>
    public ushort ExtraInodeSize { get; init; }

    /// <summary>The bytes of <c>i_block</c>: the root of an extent tree, the target of a short symbolic link, or a device number.</summary>
    public static Span<byte> BlockArea(Span<byte> record) => record.Slice(0x28, BlockAreaSize);

    /// <inheritdoc cref="BlockArea(Span{byte})"/>
    public static ReadOnlySpan<byte> BlockArea(ReadOnlySpan<byte> record) => record.Slice(0x28, BlockAreaSize);

    /// <summary>Reads the fields of a record. Nanoseconds of times are not checked and can be up to 2^30 - 1.</summary>
    public static Inode Read(ReadOnlySpan<byte> record)
    {
        var extraSize = record.Length > BaseSize ? ReadUInt16LittleEndian(record[0x80..]) : (ushort)0;
        // i_mtime_extra ends 12 bytes after the start of the extra fields.
        var timeExtra = extraSize >= 12 && record.Length >= 0x8C ? ReadUInt32LittleEndian(record[0x88..]) : 0;
        return new()
        {
            Mode = ReadUInt16LittleEndian(record),
            Uid = ReadUInt16LittleEndian(record[0x2..]) | ((uint)ReadUInt16LittleEndian(record[0x78..]) << 16),
            Gid = ReadUInt16LittleEndian(record[0x18..]) | ((uint)ReadUInt16LittleEndian(record[0x7A..]) << 16),
            Size = ReadUInt32LittleEndian(record[0x4..]) | ((ulong)ReadUInt32LittleEndian(record[0x6C..]) << 32),
            ModificationTime = InodeTime.Decode(ReadUInt32LittleEndian(record[0x10..]), timeExtra),
            LinksCount = ReadUInt16LittleEndian(record[0x1A..]),
            Flags = (InodeFlags)ReadUInt32LittleEndian(record[0x20..]),
            FileAcl = ReadUInt32LittleEndian(record[0x68..]) | ((ulong)ReadUInt16LittleEndian(record[0x76..]) << 32),
            ExtraInodeSize = extraSize,
        };
    }

    /// <summary>Writes the fields into a 256-byte record of zeros.</summary>
    public void Write(Span<byte> record)
    {
        var (seconds, extra) = InodeTime.Encode(ModificationTime);
        WriteUInt16LittleEndian(record, Mode);
        WriteUInt16LittleEndian(record[0x2..], (ushort)Uid);
        WriteUInt32LittleEndian(record[0x4..], (uint)Size);
        WriteUInt32LittleEndian(record[0x8..], seconds); // i_atime
        WriteUInt32LittleEndian(record[0xC..], seconds); // i_ctime
        WriteUInt32LittleEndian(record[0x10..], seconds); // i_mtime
        WriteUInt16LittleEndian(record[0x18..], (ushort)Gid);
        WriteUInt16LittleEndian(record[0x1A..], LinksCount);
        WriteUInt32LittleEndian(record[0x1C..], (uint)Sectors);
        WriteUInt32LittleEndian(record[0x20..], (uint)Flags);
        WriteUInt32LittleEndian(record[0x68..], checked((uint)FileAcl));
        WriteUInt32LittleEndian(record[0x6C..], (uint)(Size >> 32));
        WriteUInt16LittleEndian(record[0x74..], checked((ushort)(Sectors >> 32)));
        WriteUInt16LittleEndian(record[0x78..], (ushort)(Uid >> 16));
        WriteUInt16LittleEndian(record[0x7A..], (ushort)(Gid >> 16));
        WriteUInt16LittleEndian(record[0x80..], ExtraSize);
        WriteUInt32LittleEndian(record[0x84..], extra); // i_ctime_extra
        WriteUInt32LittleEndian(record[0x88..], extra); // i_mtime_extra
        WriteUInt32LittleEndian(record[0x8C..], extra); // i_atime_extra
        WriteUInt32LittleEndian(record[0x90..], seconds); // i_crtime
        WriteUInt32LittleEndian(record[0x94..], extra); // i_crtime_extra
    }
}
