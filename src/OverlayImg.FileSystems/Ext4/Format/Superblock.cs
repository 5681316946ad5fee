using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary><c>struct ext4_super_block</c>: the fields that differ between disks.</summary>
internal sealed record Superblock
{
    /// <summary>Byte offset of the superblock on the disk.</summary>
    public const int DiskOffset = 1024;

    /// <summary>Size of the superblock in bytes.</summary>
    public const int Size = 1024;

    /// <summary>The magic number in <c>s_magic</c>.</summary>
    public const ushort Magic = 0xEF53;

    /// <summary><c>EXT4_VALID_FS</c>: the disk was unmounted cleanly.</summary>
    public const ushort StateValid = 1;

    /// <summary><c>EXT4_ERROR_FS</c>: the kernel found errors on the disk.</summary>
    public const ushort StateErrors = 2;

    public required uint InodesCount { get; init; }

    public required ulong BlocksCount { get; init; }

    public ulong FreeBlocksCount { get; init; }

    public uint FreeInodesCount { get; init; }

    public uint FirstDataBlock { get; init; }

    public required uint LogBlockSize { get; init; }

    public required uint BlocksPerGroup { get; init; }

    public required uint InodesPerGroup { get; init; }

    public ushort State { get; init; } = StateValid;

    public uint RevisionLevel { get; init; } = 1;

    public uint FirstInode { get; init; } = DiskFormat.FirstInode;

    public required ushort InodeSize { get; init; }

    public required CompatibleFeatures Compatible { get; init; }

    public required IncompatibleFeatures Incompatible { get; init; }

    public required ReadOnlyCompatibleFeatures ReadOnlyCompatible { get; init; }

    public uint LastOrphan { get; init; }

    public ushort DescriptorSize { get; init; }

    /// <summary>Reads the fields without any check. The caller checks <see cref="MagicOf"/> first, and all fields afterwards.</summary>
    public static Superblock Read(ReadOnlySpan<byte> bytes)
    {
        var incompatible = (IncompatibleFeatures)ReadUInt32LittleEndian(bytes[0x60..]);
        var high = incompatible.HasFlag(IncompatibleFeatures.SixtyFourBit) ? (ulong)ReadUInt32LittleEndian(bytes[0x150..]) << 32 : 0;
        return new()
        {
            InodesCount = ReadUInt32LittleEndian(bytes),
            BlocksCount = high | ReadUInt32LittleEndian(bytes[0x4..]),
            FirstDataBlock = ReadUInt32LittleEndian(bytes[0x14..]),
            LogBlockSize = ReadUInt32LittleEndian(bytes[0x18..]),
            BlocksPerGroup = ReadUInt32LittleEndian(bytes[0x20..]),
            InodesPerGroup = ReadUInt32LittleEndian(bytes[0x28..]),
            State = ReadUInt16LittleEndian(bytes[0x3A..]),
            RevisionLevel = ReadUInt32LittleEndian(bytes[0x4C..]),
            FirstInode = ReadUInt32LittleEndian(bytes[0x54..]),
            InodeSize = ReadUInt16LittleEndian(bytes[0x58..]),
            Compatible = (CompatibleFeatures)ReadUInt32LittleEndian(bytes[0x5C..]),
            Incompatible = incompatible,
            ReadOnlyCompatible = (ReadOnlyCompatibleFeatures)ReadUInt32LittleEndian(bytes[0x64..]),
            LastOrphan = ReadUInt32LittleEndian(bytes[0xE8..]),
            DescriptorSize = ReadUInt16LittleEndian(bytes[0xFE..]),
        };
    }

    /// <summary>Reads <c>s_magic</c> of a block that may be a superblock.</summary>
    public static ushort MagicOf(ReadOnlySpan<byte> bytes) => ReadUInt16LittleEndian(bytes[0x38..]);

    /// <summary>Writes the superblock. Times and mount counts stay zero, so that equal trees give equal disks.</summary>
    public void Write(Span<byte> bytes)
    {
        WriteUInt32LittleEndian(bytes, InodesCount);
        WriteUInt32LittleEndian(bytes[0x4..], checked((uint)BlocksCount));
        WriteUInt32LittleEndian(bytes[0xC..], checked((uint)FreeBlocksCount));
        WriteUInt32LittleEndian(bytes[0x10..], FreeInodesCount);
        WriteUInt32LittleEndian(bytes[0x14..], FirstDataBlock);
        WriteUInt32LittleEndian(bytes[0x18..], LogBlockSize);
        WriteUInt32LittleEndian(bytes[0x1C..], LogBlockSize); // s_log_cluster_size
        WriteUInt32LittleEndian(bytes[0x20..], BlocksPerGroup);
        WriteUInt32LittleEndian(bytes[0x24..], BlocksPerGroup); // s_clusters_per_group
        WriteUInt32LittleEndian(bytes[0x28..], InodesPerGroup);
        WriteUInt16LittleEndian(bytes[0x36..], ushort.MaxValue); // s_max_mnt_count: e2fsck is never due because of the mount count
        WriteUInt16LittleEndian(bytes[0x38..], Magic);
        WriteUInt16LittleEndian(bytes[0x3A..], State);
        WriteUInt16LittleEndian(bytes[0x3C..], 1); // s_errors: the kernel continues after errors and records them in s_state
        WriteUInt32LittleEndian(bytes[0x4C..], RevisionLevel);
        WriteUInt32LittleEndian(bytes[0x54..], FirstInode);
        WriteUInt16LittleEndian(bytes[0x58..], InodeSize);
        WriteUInt32LittleEndian(bytes[0x5C..], (uint)Compatible);
        WriteUInt32LittleEndian(bytes[0x60..], (uint)Incompatible);
        WriteUInt32LittleEndian(bytes[0x64..], (uint)ReadOnlyCompatible);
        bytes[0xFC] = DirectoryHash.Version; // s_def_hash_version
        WriteUInt32LittleEndian(bytes[0x100..], 0xC); // s_default_mount_opts: user_xattr, acl
        WriteUInt16LittleEndian(bytes[0x15C..], Inode.ExtraSize); // s_min_extra_isize
        WriteUInt16LittleEndian(bytes[0x15E..], Inode.ExtraSize); // s_want_extra_isize
        WriteUInt32LittleEndian(bytes[0x160..], 1); // s_flags: names are hashed as signed bytes, whatever the guest's architecture
        bytes[0x174] = 4; // s_log_groups_per_flex: mke2fs's default, a hint for the kernel's allocator
    }

    /// <summary>
    /// Derives <c>s_uuid</c> and <c>s_hash_seed</c> of a written superblock from 32 bytes of digest. On a disk with indexed directories the seed
    /// stays empty: the digest covers the indexes, so their hashes (<see cref="DirectoryHash"/>) can't depend on the digest.
    /// </summary>
    public static void WriteIdentity(Span<byte> bytes, ReadOnlySpan<byte> digest, bool hasIndexes)
    {
        var uuid = bytes.Slice(0x68, 16);
        digest[..16].CopyTo(uuid);
        // RFC 9562, version 8: a UUID whose contents the application defines.
        uuid[6] = (byte)((uuid[6] & 0x0F) | 0x80);
        uuid[8] = (byte)((uuid[8] & 0x3F) | 0x80);
        if (!hasIndexes) digest.Slice(16, 16).CopyTo(bytes[0xEC..]);
    }
}
