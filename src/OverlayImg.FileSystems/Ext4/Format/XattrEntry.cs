using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary><c>struct ext4_xattr_entry</c>: 16 bytes, and the name padded to a multiple of 4 bytes.</summary>
/// <param name="NameLength"><c>e_name_len</c>: length in bytes of the name without the namespace's prefix.</param>
/// <param name="NameIndex"><c>e_name_index</c>: number of the namespace.</param>
/// <param name="ValueOffset"><c>e_value_offs</c>: in bytes from the first entry in an inode, or from the start of a block.</param>
/// <param name="ValueInode"><c>e_value_inum</c>: 0 for a value in the same inode or block.</param>
/// <param name="ValueSize"><c>e_value_size</c>: size of the value in bytes.</param>
/// <param name="Hash"><c>e_hash</c>: hash of name and value.</param>
internal readonly record struct XattrEntry(byte NameLength, byte NameIndex, ushort ValueOffset, uint ValueInode, uint ValueSize, uint Hash)
{
    /// <summary>The magic number <c>EXT4_XATTR_MAGIC</c> before the attributes in an inode or in a block.</summary>
    public const uint Magic = 0xEA02_0000;

    /// <summary>Number of bytes before the name.</summary>
    public const int HeaderSize = 16;

    /// <summary>Size in bytes of <c>struct ext4_xattr_ibody_header</c>, which precedes the attributes in an inode.</summary>
    public const int InodeHeaderSize = 4;

    /// <summary>Size in bytes of <c>struct ext4_xattr_header</c>, which precedes the attributes in a block.</summary>
    public const int BlockHeaderSize = 32;

    /// <summary>Number of zero bytes after the last entry.</summary>
    public const int TerminatorSize = 4;

    /// <summary>Maximum number of inodes that share a block (<c>EXT4_XATTR_REFCOUNT_MAX</c>).</summary>
    public const int MaximumReferences = 1024;

    /// <summary>Rounds a length up to a multiple of 4 bytes, as names and values need.</summary>
    public static int Padded(int length) => (length + 3) & ~3;

    public static XattrEntry Read(ReadOnlySpan<byte> bytes) => new(bytes[0], bytes[1], ReadUInt16LittleEndian(bytes[2..]),
        ReadUInt32LittleEndian(bytes[4..]), ReadUInt32LittleEndian(bytes[8..]), ReadUInt32LittleEndian(bytes[12..]));

    public void Write(Span<byte> bytes)
    {
        bytes[0] = NameLength;
        bytes[1] = NameIndex;
        WriteUInt16LittleEndian(bytes[2..], ValueOffset);
        WriteUInt32LittleEndian(bytes[4..], ValueInode);
        WriteUInt32LittleEndian(bytes[8..], ValueSize);
        WriteUInt32LittleEndian(bytes[12..], Hash);
    }

    /// <summary>
    /// Computes <c>ext4_xattr_hash_entry</c> from the name's bytes (unsigned, as in kernels since 6.2) and the value's padded words.
    /// </summary>
    public static uint HashOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        uint hash = 0;
        foreach (var character in name) hash = uint.RotateLeft(hash, 5) ^ character;
        for (; value.Length >= 4; value = value[4..]) hash = uint.RotateLeft(hash, 16) ^ ReadUInt32LittleEndian(value);
        if (value.IsEmpty) return hash;
        Span<byte> last = stackalloc byte[4];
        last.Clear();
        value.CopyTo(last);
        return uint.RotateLeft(hash, 16) ^ ReadUInt32LittleEndian(last);
    }

    /// <summary>One step of <c>ext4_xattr_rehash</c>, which computes the hash of a block from the hashes of its entries.</summary>
    public static uint AddToBlockHash(uint blockHash, uint entryHash) => uint.RotateLeft(blockHash, 16) ^ entryHash;
}
