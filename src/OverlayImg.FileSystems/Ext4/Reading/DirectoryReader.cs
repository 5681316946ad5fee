namespace OverlayImg.FileSystems.Ext4;

/// <summary>A name on a disk, not yet resolved.</summary>
internal readonly record struct DiskName(ByteString Name, uint Inode, byte FileType);

/// <summary>
/// Reads the names of a directory, block after block. Directories with a hash index are read the same way: the blocks of the index look like
/// empty records (kernel documentation, <c>filesystems/ext4/directory</c>, "Hash Tree Directories").
/// </summary>
internal sealed class DirectoryReader(DiskImage disk)
{
    private readonly byte[] _block = new byte[disk.BlockSize];

    /// <summary>The names without <c>.</c> and <c>..</c>.</summary>
    /// <exception cref="InputException">The directory is corrupt.</exception>
    public IEnumerable<DiskName> Read(ulong size, List<Extent> extents, uint self, uint parent, NamePath path, CancellationToken cancellationToken)
    {
        var blocks = size / (ulong)disk.BlockSize;
        var expected = 0UL;
        foreach (var extent in extents)
        {
            if (extent.LogicalBlock >= blocks) break;
            if (extent.LogicalBlock != expected || extent.IsUnwritten) break;
            for (var index = 0; index < extent.Count && expected < blocks; index++, expected++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                disk.ReadBlock(extent.PhysicalBlock + (ulong)index, _block);
                foreach (var name in ReadBlock(expected == 0, self, parent, path)) yield return name;
            }
        }

        if (expected != blocks || blocks == 0 || size % (ulong)disk.BlockSize != 0) throw disk.Corrupt($"inode {self}, a directory, has holes", path);
    }

    private IEnumerable<DiskName> ReadBlock(bool isFirst, uint self, uint parent, NamePath path)
    {
        var count = 0;
        for (var offset = 0; offset < disk.BlockSize; count++)
        {
            var left = disk.BlockSize - offset;
            var record = left < DirectoryRecord.HeaderSize ? default : DirectoryRecord.Read(_block.AsSpan(offset));
            if (record.Length % 4 != 0 || record.Length > left || record.Length < DirectoryRecord.LengthFor(record.NameLength)) throw Corrupt(self, path);
            var name = _block.AsSpan(offset + DirectoryRecord.HeaderSize, record.NameLength);
            offset += record.Length;
            if (isFirst && count < 2)
            {
                var isDot = count == 0 ? name.SequenceEqual("."u8) && record.Inode == self : name.SequenceEqual(".."u8) && record.Inode == parent;
                if (!isDot) throw disk.Corrupt($"inode {self}, a directory, does not begin with '.' and '..'", path);
                continue;
            }

            if (record.Inode == 0) continue;
            if (!DirectoryNode.IsValidName(name)) throw disk.Corrupt($"inode {self}, a directory, has an impossible name '{DisplayName.Of(name)}'", path);
            yield return new(new(name), record.Inode, record.FileType);
        }

        if (isFirst && count < 2) throw Corrupt(self, path);
    }

    private InputException Corrupt(uint self, NamePath path) => disk.Corrupt($"inode {self}, a directory, has a damaged record", path);
}
