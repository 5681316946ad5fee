using static System.Buffers.Binary.BinaryPrimitives;

namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>
/// Conversions of POSIX access control lists. <c>getxattr(2)</c> and archives have version 2, with 8 bytes for each entry. ext4 disks have version 1,
/// where only entries of named users and groups have an ID (kernel, <c>fs/ext4/acl.h</c>).
/// </summary>
internal static class PosixAcl
{
    private const int HeaderSize = 4;
    private const int ShortEntrySize = 4;
    private const int EntrySize = 8;
    private const uint DiskVersion = 1;
    private const uint SystemCallVersion = 2;
    private const uint UndefinedId = uint.MaxValue;

    /// <summary>Converts a list from the system call's form to the disk's form. Returns null where the list is malformed.</summary>
    public static byte[]? ToDisk(ReadOnlySpan<byte> value)
    {
        if (value.Length < HeaderSize || (value.Length - HeaderSize) % EntrySize != 0) return null;
        if (ReadUInt32LittleEndian(value) != SystemCallVersion) return null;
        var disk = new List<byte>(value.Length) { (byte)DiskVersion, 0, 0, 0 };
        for (var entries = value[HeaderSize..]; !entries.IsEmpty; entries = entries[EntrySize..])
        {
            if (HasId(ReadUInt16LittleEndian(entries)) is not { } hasId) return null;
            disk.AddRange(entries[..(hasId ? EntrySize : ShortEntrySize)]);
        }

        return [.. disk];
    }

    /// <summary>Converts an access control list from its ext4 form to the form of getxattr(2). Returns null if the list is malformed.</summary>
    public static byte[]? FromDisk(ReadOnlySpan<byte> value)
    {
        if (value.Length < HeaderSize || ReadUInt32LittleEndian(value) != DiskVersion) return null;
        Span<byte> undefined = stackalloc byte[4];
        WriteUInt32LittleEndian(undefined, UndefinedId);
        var result = new List<byte>(value.Length * 2) { (byte)SystemCallVersion, 0, 0, 0 };
        for (var entries = value[HeaderSize..]; !entries.IsEmpty;)
        {
            if (entries.Length < ShortEntrySize || HasId(ReadUInt16LittleEndian(entries)) is not { } hasId) return null;
            if (hasId && entries.Length < EntrySize) return null;
            result.AddRange(entries[..(hasId ? EntrySize : ShortEntrySize)]);
            if (!hasId) result.AddRange(undefined);
            entries = entries[(hasId ? EntrySize : ShortEntrySize)..];
        }

        return [.. result];
    }

    private static bool? HasId(ushort tag) => tag switch
    {
        0x01 or 0x04 or 0x10 or 0x20 => false, // ACL_USER_OBJ, ACL_GROUP_OBJ, ACL_MASK, ACL_OTHER
        0x02 or 0x08 => true, // ACL_USER, ACL_GROUP
        _ => null,
    };
}
