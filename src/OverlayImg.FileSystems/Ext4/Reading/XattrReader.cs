using OverlayImg.FileSystems.Ext4.Format;
using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Reading;

/// <summary>Reads the extended attributes in an inode and in its block, which several inodes may share.</summary>
internal sealed class XattrReader(DiskImage disk)
{
    private readonly byte[] _block = new byte[disk.BlockSize];
    private readonly Dictionary<ulong, SharedBlock> _shared = [];

    /// <summary>Reads all extended attributes of an inode.</summary>
    /// <exception cref="InputException">The attributes are corrupt.</exception>
    public ExtendedAttributes Read(in Inode inode, ReadOnlySpan<byte> record, uint number, NamePath path)
    {
        var found = new List<ExtendedAttribute>();
        ReadInInode(inode, record, found, number, path);
        if (inode.FileAcl != 0)
        {
            var shared = BlockOf(inode.FileAcl, number, path);
            if (found.Count == 0) return shared.Attributes;
            found.AddRange(shared.Attributes);
        }

        if (found.Count == 0) return ExtendedAttributes.None;
        var attributes = ExtendedAttributes.Of(found);
        return attributes.Count == found.Count ? attributes : throw disk.Corrupt($"inode {number} has an extended attribute twice", path);
    }

    private void ReadInInode(in Inode inode, ReadOnlySpan<byte> record, List<ExtendedAttribute> found, uint number, NamePath path)
    {
        var start = Inode.BaseSize + inode.ExtraInodeSize;
        if (inode.ExtraInodeSize % 4 != 0 || start > record.Length) throw disk.Corrupt($"inode {number} has fields of an impossible size", path);
        if (record.Length - start < XattrEntry.InodeHeaderSize + XattrEntry.TerminatorSize) return;
        if (ReadUInt32LittleEndian(record[start..]) != XattrEntry.Magic) return;
        ReadEntries(record[(start + XattrEntry.InodeHeaderSize)..], 0, found, number, path);
    }

    private SharedBlock BlockOf(ulong block, uint number, NamePath path)
    {
        if (!_shared.TryGetValue(block, out var shared))
        {
            disk.Claim(block, 1, number, path);
            disk.ReadBlock(block, _block);
            var isValid = ReadUInt32LittleEndian(_block) == XattrEntry.Magic && ReadUInt32LittleEndian(_block.AsSpan(8)) == 1 /* h_blocks */;
            var references = ReadUInt32LittleEndian(_block.AsSpan(4));
            if (!isValid || references is 0 or > XattrEntry.MaximumReferences)
            {
                throw disk.Corrupt($"inode {number} has a damaged block of extended attributes", path);
            }

            var found = new List<ExtendedAttribute>();
            ReadEntries(_block, XattrEntry.BlockHeaderSize, found, number, path);
            shared = new(ExtendedAttributes.Of(found), references);
            if (shared.Attributes.Count != found.Count) throw disk.Corrupt($"inode {number} has an extended attribute twice", path);
            _shared.Add(block, shared);
        }

        if (shared.ReferencesLeft-- == 0)
            throw disk.Corrupt($"inode {number} shares a block of extended attributes whose reference count is too low", path);
        return shared;
    }

    // Offsets of values are relative to the area's start. Entries and values together must fit into the area, so that values can't overlap.
    private void ReadEntries(ReadOnlySpan<byte> area, int entry, List<ExtendedAttribute> found, uint number, NamePath path)
    {
        var room = area.Length - entry;
        while (entry <= area.Length - XattrEntry.TerminatorSize && ReadUInt32LittleEndian(area[entry..]) != 0)
        {
            var header = area.Length - entry < XattrEntry.HeaderSize ? default : XattrEntry.Read(area[entry..]);
            var size = XattrEntry.HeaderSize + XattrEntry.Padded(header.NameLength);
            var isInside = size <= area.Length - entry && header.ValueInode == 0 && header.ValueSize <= area.Length &&
                (header.ValueSize == 0 || header.ValueOffset + header.ValueSize <= area.Length);
            room -= isInside ? size + (int)header.ValueSize : 0;
            if (!isInside || room < 0) throw disk.Corrupt($"inode {number} has damaged extended attributes", path);
            var name = XattrName.Join(header.NameIndex, area.Slice(entry + XattrEntry.HeaderSize, header.NameLength));
            if (name is null) throw disk.Corrupt($"inode {number} has an extended attribute with an impossible name", path);
            var value = header.ValueSize == 0 ? [] : area.Slice(header.ValueOffset, (int)header.ValueSize);
            found.Add(new(name, ValueOf(header.NameIndex, value, number, path)));
            entry += size;
        }
    }

    private ByteString ValueOf(byte nameIndex, ReadOnlySpan<byte> value, uint number, NamePath path)
    {
        if (nameIndex is not (XattrName.AclAccess or XattrName.AclDefault)) return new(value);
        return new(PosixAcl.FromDisk(value) ?? throw disk.Corrupt($"inode {number} has a malformed access control list", path));
    }

    private sealed class SharedBlock(ExtendedAttributes attributes, uint references)
    {
        public ExtendedAttributes Attributes { get; } = attributes;

        public uint ReferencesLeft { get; set; } = references;
    }
}
