using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Reading;

/// <summary>Makes the node of an inode of any type but directory.</summary>
internal sealed class NodeReader(DiskImage disk, ExtentReader extentReader)
{
    private readonly byte[] _block = new byte[disk.BlockSize];

    /// <summary>Makes the node. Its content refers to the disk.</summary>
    /// <exception cref="InputException">The inode is corrupt.</exception>
    public FileNode Read(
        FileType type, Metadata metadata, in Inode inode, ReadOnlySpan<byte> record, uint number, NamePath path, CancellationToken cancellationToken)
    {
        switch (type)
        {
            case FileType.RegularFile:
                return new RegularFileNode(metadata, ContentOf(inode, record, number, path, cancellationToken));
            case FileType.SymbolicLink:
                return new SymbolicLinkNode(metadata, TargetOf(inode, record, number, path, cancellationToken));
            case FileType.CharacterDevice or FileType.BlockDevice:
                var (major, minor) = DeviceNumber.Read(Inode.BlockArea(record));
                return new SpecialNode(metadata, type, major, minor);
            default:
                return new SpecialNode(metadata, type);
        }
    }

    private FileContent ContentOf(in Inode inode, ReadOnlySpan<byte> record, uint number, NamePath path, CancellationToken cancellationToken)
    {
        if (inode.Size > (ulong)uint.MaxValue * (ulong)disk.BlockSize) throw disk.Corrupt($"inode {number} has an impossible size", path);
        var length = (long)inode.Size;
        if (!inode.Flags.HasFlag(InodeFlags.Extents))
        {
            return length == 0 ? FileContent.Empty : throw disk.Corrupt($"inode {number} is not mapped by extents", path);
        }

        var runs = new List<SourceExtent>();
        foreach (var extent in extentReader.Read(record, number, path, cancellationToken))
        {
            var offset = (long)extent.LogicalBlock * disk.BlockSize;
            // fallocate(2) can allocate blocks beyond the end of a file.
            if (extent.IsUnwritten || offset >= length) continue;
            runs.Add(new(offset, Math.Min((long)extent.Count * disk.BlockSize, length - offset), (long)extent.PhysicalBlock * disk.BlockSize));
        }

        if (length == 0) return FileContent.Empty;
        if (runs is [{ Offset: 0 } all] && all.Length == length) return new SourceContent(disk.Source, all.SourceOffset, length);
        return new SparseContent(disk.Source, length, [.. runs]);
    }

    private ByteString TargetOf(in Inode inode, ReadOnlySpan<byte> record, uint number, NamePath path, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> target;
        if (!inode.Flags.HasFlag(InodeFlags.Extents) && inode.Size is > 0 and < Inode.BlockAreaSize)
        {
            target = Inode.BlockArea(record)[..(int)inode.Size];
        }
        else if (inode.Flags.HasFlag(InodeFlags.Extents) && inode.Size > 0 && inode.Size < (ulong)disk.BlockSize &&
            extentReader.Read(record, number, path, cancellationToken) is [{ LogicalBlock: 0, Count: 1, IsUnwritten: false } extent])
        {
            disk.ReadBlock(extent.PhysicalBlock, _block);
            target = _block.AsSpan(0, (int)inode.Size);
        }
        else
        {
            throw disk.Corrupt($"inode {number} is a damaged symbolic link", path);
        }

        return target.Contains((byte)0) ? throw disk.Corrupt($"inode {number} is a symbolic link with a NUL in its target", path) : new(target);
    }
}
