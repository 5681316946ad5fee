using System.Diagnostics.CodeAnalysis;

namespace OverlayImg.FileSystems.Tar;

/// <summary>The <c>typeflag</c> byte of a header. Other values are possible; POSIX requires that readers treat them as regular files.</summary>
[SuppressMessage("Design", "CA1028:Enum Storage should be Int32", Justification = "The value is the byte in the header.")]
[SuppressMessage("Design", "CA1008:Enums should have zero value", Justification = "The zero value has the name that the format gives it.")]
public enum TarTypeFlag : byte
{
    /// <summary>
    /// <c>AREGTYPE</c>: a regular file of an old archive, or a directory where the name ends with a slash. The reader reports the actual type.
    /// </summary>
    OldRegularFile = 0,

    /// <summary><c>REGTYPE</c>: a regular file.</summary>
    RegularFile = (byte)'0',

    /// <summary><c>LNKTYPE</c>: a hard link to an earlier entry.</summary>
    HardLink = (byte)'1',

    /// <summary><c>SYMTYPE</c>: a symbolic link.</summary>
    SymbolicLink = (byte)'2',

    /// <summary><c>CHRTYPE</c>: a character device.</summary>
    CharacterDevice = (byte)'3',

    /// <summary><c>BLKTYPE</c>: a block device.</summary>
    BlockDevice = (byte)'4',

    /// <summary><c>DIRTYPE</c>: a directory.</summary>
    Directory = (byte)'5',

    /// <summary><c>FIFOTYPE</c>: a named pipe.</summary>
    Fifo = (byte)'6',

    /// <summary><c>CONTTYPE</c>: a file that is contiguous on the disk; treated as a regular file.</summary>
    ContiguousFile = (byte)'7',

    /// <summary><c>XHDTYPE</c>: PAX records for the next entry.</summary>
    ExtendedHeader = (byte)'x',

    /// <summary><c>XGLTYPE</c>: PAX records for all following entries.</summary>
    GlobalExtendedHeader = (byte)'g',

    /// <summary><c>GNUTYPE_LONGNAME</c>: the name of the next entry.</summary>
    GnuLongName = (byte)'L',

    /// <summary><c>GNUTYPE_LONGLINK</c>: the link target of the next entry.</summary>
    GnuLongLink = (byte)'K',

    /// <summary><c>GNUTYPE_SPARSE</c>: a sparse file with its map in the header.</summary>
    GnuSparse = (byte)'S',

    /// <summary><c>GNUTYPE_DUMPDIR</c>: a directory with a list of its names as content (<c>tar --listed-incremental</c>).</summary>
    GnuDumpDirectory = (byte)'D',

    /// <summary><c>GNUTYPE_MULTIVOL</c>: the rest of a file that began on another volume.</summary>
    GnuMultiVolume = (byte)'M',

    /// <summary><c>GNUTYPE_VOLHDR</c>: the label of the volume.</summary>
    GnuVolumeHeader = (byte)'V',
}

/// <summary>Functions for type flags.</summary>
internal static class TarTypeFlags
{
    /// <summary>Whether the type is one of <see cref="TarTypeFlag"/>'s. POSIX requires that readers treat all others as regular files.</summary>
    public static bool IsKnown(this TarTypeFlag type) =>
        type is TarTypeFlag.OldRegularFile or (>= TarTypeFlag.RegularFile and <= TarTypeFlag.ContiguousFile)
            or TarTypeFlag.ExtendedHeader or TarTypeFlag.GlobalExtendedHeader or TarTypeFlag.GnuLongName or TarTypeFlag.GnuLongLink
            or TarTypeFlag.GnuSparse or TarTypeFlag.GnuDumpDirectory or TarTypeFlag.GnuMultiVolume or TarTypeFlag.GnuVolumeHeader;
}
