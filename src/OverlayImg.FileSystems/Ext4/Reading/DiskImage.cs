using System.Numerics;
using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Reading;

/// <summary>
/// A disk with a valid superblock and valid group descriptors, which reads blocks and inodes. Each number from the disk is checked here
/// before anything is read at it.
/// </summary>
internal sealed class DiskImage
{
    private const IncompatibleFeatures Understood =
        IncompatibleFeatures.FileType | IncompatibleFeatures.Extents | IncompatibleFeatures.SixtyFourBit | IncompatibleFeatures.FlexibleGroups;

    private const int CacheLines = 16;
    private const int CacheLineSize = 64 << 10;
    private readonly ulong[] _inodeTables;
    private readonly BitSet _claimed;
    private readonly (long Offset, int Length, byte[] Bytes)[] _cache = new (long, int, byte[])[CacheLines];

    private DiskImage(ByteSource source, Superblock superblock)
    {
        (Source, Superblock) = (source, superblock);
        BlockSize = 1024 << (int)superblock.LogBlockSize;
        _claimed = new(superblock.BlocksCount);
        _inodeTables = ReadInodeTables();
    }

    /// <summary>The file with the disk's bytes.</summary>
    public ByteSource Source { get; }

    /// <summary>The superblock, which was checked.</summary>
    public Superblock Superblock { get; }

    /// <summary>Block size in bytes: 1024, 2048 or 4096.</summary>
    public int BlockSize { get; }

    /// <summary>Reads and checks the superblock and the group descriptors.</summary>
    /// <exception cref="InputException">The file is not an ext4 disk, was not unmounted cleanly, or has unknown features.</exception>
    public static DiskImage Open(ByteSource source)
    {
        if (source.Length < Superblock.DiskOffset + Superblock.Size) throw Corrupt(source, "is too short for an ext4 disk");
        var bytes = new byte[Superblock.Size];
        source.Read(Superblock.DiskOffset, bytes);
        if (Superblock.MagicOf(bytes) != Superblock.Magic) throw Corrupt(source, "is not an ext4 disk: the magic number is missing");
        var superblock = Superblock.Read(bytes);
        CheckFeatures(source, superblock);
        CheckState(source, superblock);
        CheckNumbers(source, superblock);
        return new(source, superblock);
    }

    /// <summary>Makes an error of this disk, with the path where it occurred.</summary>
    public InputException Corrupt(string what, NamePath? path = null) => Corrupt(Source, what, path);

    /// <summary>Marks blocks as used by an inode.</summary>
    /// <exception cref="InputException">A block is beyond the end of the disk, or is used already.</exception>
    public void Claim(ulong first, ulong count, uint inode, NamePath path)
    {
        if (!IsOnDisk(first, count)) throw Corrupt($"inode {inode} has a block beyond the end of the disk", path);
        if (!_claimed.AddRange(first, count)) throw Corrupt($"inode {inode} has a block that another structure on the disk uses, too", path);
    }

    /// <summary>Reads a block whose number was checked.</summary>
    public void ReadBlock(ulong block, Span<byte> buffer) => Source.Read((long)block * BlockSize, buffer[..BlockSize]);

    /// <summary>Copies the record of an inode to <paramref name="record"/>.</summary>
    /// <exception cref="InputException">The disk has no inode of this number.</exception>
    public void ReadInode(uint inode, Span<byte> record, NamePath path)
    {
        if (inode == 0 || inode > Superblock.InodesCount) throw Corrupt($"there is no inode {inode}", path);
        var (group, index) = Math.DivRem(inode - 1, Superblock.InodesPerGroup);
        var offset = ((long)_inodeTables[group] * BlockSize) + ((long)index * Superblock.InodeSize);
        // The size of a record is a power of two and tables start at blocks, so a record is within one cache line.
        var lineOffset = offset - (offset % CacheLineSize);
        ref var line = ref _cache[lineOffset / CacheLineSize % CacheLines];
        if (line.Bytes is null || line.Offset != lineOffset)
        {
            line.Bytes ??= new byte[CacheLineSize];
            line.Offset = lineOffset;
            line.Length = (int)Math.Min(CacheLineSize, Source.Length - lineOffset);
            Source.Read(lineOffset, line.Bytes.AsSpan(0, line.Length));
        }

        line.Bytes.AsSpan((int)(offset - lineOffset), Superblock.InodeSize).CopyTo(record);
    }

    private static void CheckFeatures(ByteSource source, Superblock superblock)
    {
        if (superblock.RevisionLevel != 1) throw Corrupt(source, $"is an ext4 disk of revision {superblock.RevisionLevel}, not 1");
        if (superblock.Incompatible.HasFlag(IncompatibleFeatures.Recover)) throw Unclean(source, "its journal was not replayed");
        var unknown = superblock.Incompatible & ~Understood;
        if (unknown != 0) throw Corrupt(source, $"is an ext4 disk with features that can't be read (0x{(uint)unknown:x})");
        if (!superblock.Incompatible.HasFlag(IncompatibleFeatures.FileType)) throw Corrupt(source, "is an ext4 disk without the feature 'filetype'");
    }

    private static void CheckState(ByteSource source, Superblock superblock)
    {
        if ((superblock.State & Superblock.StateErrors) != 0) throw Unclean(source, "the kernel found errors in it");
        if ((superblock.State & Superblock.StateValid) == 0) throw Unclean(source, "it may still be mounted, or the machine stopped");
        var hasOrphans = superblock.LastOrphan != 0 || superblock.ReadOnlyCompatible.HasFlag(ReadOnlyCompatibleFeatures.OrphanPresent);
        if (hasOrphans) throw Unclean(source, "the deletion of some file was not finished");
    }

    private static void CheckNumbers(ByteSource source, Superblock superblock)
    {
        if (superblock.LogBlockSize > 2) throw Corrupt(source, "is an ext4 disk with blocks of more than 4096 bytes");
        var blockSize = 1024u << (int)superblock.LogBlockSize;
        var isLongEnough = superblock.BlocksCount > 0 && superblock.BlocksCount <= (ulong)source.Length / blockSize;
        if (!isLongEnough) throw Corrupt(source, "is shorter than its superblock says");
        var hasGroups = superblock.FirstDataBlock == (blockSize == 1024 ? 1u : 0u) && superblock.FirstDataBlock < superblock.BlocksCount &&
            superblock.BlocksPerGroup == 8 * blockSize;
        if (!hasGroups) throw Corrupt(source, "has block groups of an impossible size");
        if (!HasPossibleInodes(superblock, blockSize)) throw Corrupt(source, "has impossible numbers of inodes");
        var hasDescriptors = !superblock.Incompatible.HasFlag(IncompatibleFeatures.SixtyFourBit) ||
            superblock.DescriptorSize is >= GroupDescriptor.LargeSize and <= 1024;
        if (!hasDescriptors) throw Corrupt(source, "has group descriptors of an impossible size");
    }

    private static bool HasPossibleInodes(Superblock superblock, uint blockSize)
    {
        uint size = superblock.InodeSize;
        if (size < Inode.BaseSize || size > blockSize || !BitOperations.IsPow2(size)) return false;
        var perGroup = superblock.InodesPerGroup;
        return perGroup > 0 && perGroup <= 8 * blockSize && perGroup % (blockSize / size) == 0 &&
            superblock.InodesCount == GroupCount(superblock) * perGroup && superblock.FirstInode >= DiskFormat.FirstInode;
    }

    private static ulong GroupCount(Superblock superblock) =>
        (superblock.BlocksCount - superblock.FirstDataBlock + superblock.BlocksPerGroup - 1) / superblock.BlocksPerGroup;

    private static InputException Corrupt(ByteSource source, string what, NamePath? path = null) =>
        new(what, new(source.Name, Path: path?.ToString())) { Advice = "The disk is damaged, or a program in the guest changed it on purpose." };

    private static InputException Unclean(ByteSource source, string why) => new($"was not unmounted cleanly: {why}", new(source.Name))
    {
        Advice = "The disk's contents are incomplete. Unmount the disk in the guest.",
    };

    private bool IsOnDisk(ulong first, ulong count) => first < Superblock.BlocksCount && count <= Superblock.BlocksCount - first;

    private ulong[] ReadInodeTables()
    {
        var size = Superblock.Incompatible.HasFlag(IncompatibleFeatures.SixtyFourBit) ? Superblock.DescriptorSize : GroupDescriptor.Size;
        var groups = GroupCount(Superblock);
        var tableBlocks = Superblock.InodesPerGroup * Superblock.InodeSize / (uint)BlockSize;
        var descriptorBlocks = ((groups * (ulong)size) + (ulong)BlockSize - 1) / (ulong)BlockSize;
        // No inode may use the superblock and the group descriptors.
        var head = Superblock.FirstDataBlock + 1UL + descriptorBlocks;
        if (!IsOnDisk(0, head) || !_claimed.AddRange(0, head)) throw Corrupt("has group descriptors beyond its end");
        var tables = new ulong[groups];
        var descriptor = new byte[size];
        for (var group = 0UL; group < groups; group++)
        {
            Source.Read(((long)(Superblock.FirstDataBlock + 1) * BlockSize) + ((long)group * size), descriptor);
            tables[group] = GroupDescriptor.ReadInodeTable(descriptor);
            var isFree = IsOnDisk(tables[group], tableBlocks) && _claimed.AddRange(tables[group], tableBlocks);
            if (!isFree) throw Corrupt($"has the inode table of group {group} at an impossible location");
        }

        return tables;
    }
}
