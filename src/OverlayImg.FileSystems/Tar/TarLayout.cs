namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// The fields of a header block by the names of POSIX pax ("ustar Interchange Format") and of GNU tar's <c>tar.h</c>. All dialects share the
/// first 257 bytes, which come from Unix version 7.
/// </summary>
internal static class TarLayout
{
    public const int BlockSize = 512;

    /// <summary>Size in bytes of the end of an archive: two blocks of zeros.</summary>
    public const int EndMarkerSize = 2 * BlockSize;

    /// <summary>The length of an archive is a multiple of this number of bytes: GNU tar and Python's tarfile have a blocking factor of 20.</summary>
    public const int RecordSize = 20 * BlockSize;

    // struct posix_header; the fields up to linkname come from version 7.
    public static readonly TarField Name = new(0, 100);
    public static readonly TarField Mode = new(100, 8);
    public static readonly TarField Uid = new(108, 8);
    public static readonly TarField Gid = new(116, 8);
    public static readonly TarField Size = new(124, 12);
    public static readonly TarField Mtime = new(136, 12);
    public static readonly TarField Chksum = new(148, 8);
    public static readonly TarField TypeFlag = new(156, 1);
    public static readonly TarField LinkName = new(157, 100);
    public static readonly TarField Magic = new(257, 6);
    public static readonly TarField Version = new(263, 2);
    public static readonly TarField Uname = new(265, 32);
    public static readonly TarField Gname = new(297, 32);
    public static readonly TarField DevMajor = new(329, 8);
    public static readonly TarField DevMinor = new(337, 8);
    public static readonly TarField Prefix = new(345, 155);

    // struct oldgnu_header.
    public static readonly TarField GnuAtime = new(345, 12);
    public static readonly TarField GnuCtime = new(357, 12);
    public static readonly TarField GnuSparse = new(386, 4 * SparseEntrySize);
    public static readonly TarField GnuIsExtended = new(482, 1);
    public static readonly TarField GnuRealSize = new(483, 12);

    // struct sparse_header: the blocks after a header with isextended set.
    public static readonly TarField SparseHeaderEntries = new(0, 21 * SparseEntrySize);
    public static readonly TarField SparseHeaderIsExtended = new(504, 1);

    // struct sparse: an entry of the map in a header or in a block.
    public const int SparseEntrySize = 24;
    public static readonly TarField SparseOffset = new(0, 12);
    public static readonly TarField SparseNumBytes = new(12, 12);

    // struct star_header.
    public static readonly TarField StarPrefix = new(345, 131);
    public static readonly TarField StarTrailer = new(508, 4);

    /// <summary>TMAGIC, which includes a NUL.</summary>
    public static ReadOnlySpan<byte> UstarMagic => "ustar\0"u8;

    /// <summary>TVERSION, which has no NUL.</summary>
    public static ReadOnlySpan<byte> UstarVersion => "00"u8;

    /// <summary>The first part of OLDGNU_MAGIC, which fills the fields magic and version.</summary>
    public static ReadOnlySpan<byte> GnuMagic => "ustar "u8;

    /// <summary>The second part of OLDGNU_MAGIC.</summary>
    public static ReadOnlySpan<byte> GnuVersion => " \0"u8;

    /// <summary>The trailer that distinguishes star's header from ustar.</summary>
    public static ReadOnlySpan<byte> StarMagic => "tar\0"u8;
}
