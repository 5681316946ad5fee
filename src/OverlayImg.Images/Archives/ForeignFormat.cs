namespace OverlayImg.Images.Archives;

/// <summary>Recognizes the formats of files that users give instead of a tar, by their magic numbers.</summary>
internal static class ForeignFormat
{
    // Magic numbers deep in the file come first, because such files can also begin with a boot sector.
    private static readonly (long Offset, byte[] Magic, string Name)[] Known =
    [
        (0x438, [0x53, 0xEF], "an ext2, ext3 or ext4 file system"),
        (0x8001, [.. "CD001"u8], "an ISO 9660 file system"),
        (0x10040, [.. "_BHRfS_M"u8], "a btrfs file system"),
        (0, [.. "XFSB"u8], "an XFS file system"),
        (0, [.. "hsqs"u8], "a squashfs file system"),
        (0, [.. "QFI"u8, 0xFB], "a qcow2 disk"),
        (0, [.. "PK"u8, 3, 4], "a zip archive"),
        (0, [.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive"),
        (0, [.. "!<arch>\n"u8], "an ar archive, as Debian packages are"),
        (0, [0xED, 0xAB, 0xEE, 0xDB], "an RPM package"),
        (0, [.. "07070"u8], "a cpio archive"),
        (0, [0x7F, .. "ELF"u8], "an ELF program"),
        (0x200, [.. "EFI PART"u8], "a disk with partitions"),
        (0x1FE, [0x55, 0xAA], "a disk with a boot sector"),
    ];

    /// <summary>Returns the format in words for a message ("a zip archive"); null for an unknown format.</summary>
    public static string? Of(ByteSource source)
    {
        foreach (var (offset, magic, name) in Known)
        {
            if (source.Length < offset + magic.Length) continue;
            var found = new byte[magic.Length];
            source.Read(offset, found);
            if (found.AsSpan().SequenceEqual(magic)) return name;
        }

        return null;
    }
}
