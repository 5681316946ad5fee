using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Reading;

/// <summary>A directory of a disk whose inode was read, but whose names were not.</summary>
internal sealed record OpenDirectory(DirectoryNode Node, ulong Size, List<Extent> Extents, uint Inode, uint Parent, NamePath Path);

/// <summary>A directory record of a disk whose inode was not read yet.</summary>
internal readonly record struct DiskName(ByteString Name, uint Inode, byte FileType);

/// <summary>
/// Reads the names of a directory block by block. Directories with a hash index need no special case: the blocks of the index look like
/// unused records (kernel documentation, <c>filesystems/ext4/directory</c>, "Hash Tree Directories").
/// </summary>
internal sealed class DirectoryReader(DiskImage disk)
{
    private readonly byte[] _block = new byte[disk.BlockSize];

    /// <summary>Enumerates the names without <c>.</c> and <c>..</c>, in the order of the disk.</summary>
    /// <exception cref="InputException">The directory is corrupt.</exception>
    public IEnumerable<DiskName> Read(OpenDirectory directory, CancellationToken cancellationToken)
    {
        var blocks = directory.Size / (ulong)disk.BlockSize;
        var expected = 0UL;
        foreach (var extent in directory.Extents)
        {
            if (extent.LogicalBlock != expected || extent.IsUnwritten) break;
            for (var index = 0; index < extent.Count && expected < blocks; index++, expected++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                disk.ReadBlock(extent.PhysicalBlock + (ulong)index, _block);
                foreach (var name in ReadBlock(expected == 0, directory)) yield return name;
            }
        }

        var isWhole = expected == blocks && blocks > 0 && directory.Size % (ulong)disk.BlockSize == 0;
        if (!isWhole) throw Corrupt(directory, "has holes");
    }

    private IEnumerable<DiskName> ReadBlock(bool isFirst, OpenDirectory directory)
    {
        var count = 0;
        for (var offset = 0; offset < disk.BlockSize; count++)
        {
            var left = disk.BlockSize - offset;
            var record = left < DirectoryRecord.HeaderSize ? default : DirectoryRecord.Read(_block.AsSpan(offset));
            var isInside = record.Length % 4 == 0 && record.Length <= left && record.Length >= DirectoryRecord.LengthFor(record.NameLength);
            if (!isInside) throw Corrupt(directory, "has a damaged record");
            var name = _block.AsSpan(offset + DirectoryRecord.HeaderSize, record.NameLength);
            offset += record.Length;
            if (isFirst && count < 2)
            {
                var isExpected = count == 0
                    ? name.SequenceEqual("."u8) && record.Inode == directory.Inode
                    : name.SequenceEqual(".."u8) && record.Inode == directory.Parent;
                if (!isExpected) throw Corrupt(directory, "does not begin with '.' and '..'");
                continue;
            }

            if (record.Inode == 0) continue;
            if (!DirectoryNode.IsValidName(name)) throw Corrupt(directory, $"has an impossible name '{DisplayName.Of(name)}'");
            yield return new(new(name), record.Inode, record.FileType);
        }

        if (isFirst && count < 2) throw Corrupt(directory, "has no '..'");
    }

    private InputException Corrupt(OpenDirectory directory, string what) =>
        disk.Corrupt($"inode {directory.Inode}, a directory, {what}", directory.Path);
}
