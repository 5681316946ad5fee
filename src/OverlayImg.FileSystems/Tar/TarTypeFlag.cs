using System.Diagnostics.CodeAnalysis;

namespace OverlayImg.FileSystems.Tar;

/// <summary>The <c>typeflag</c> byte of a header. Values that are not named here are possible: POSIX wants them read as regular files.</summary>
[SuppressMessage("Design", "CA1028:Enum Storage should be Int32", Justification = "It is the byte that stands in the header.")]
[SuppressMessage("Design", "CA1008:Enums should have zero value", Justification = "It has, under the name that the format gives it.")]
public enum TarTypeFlag : byte
{
    /// <summary>
    /// <c>AREGTYPE</c>: a regular file of an old archive, or a directory where the name ends with a slash. A reader reports it as what it means.
    /// </summary>
    OldRegularFile = 0,

    /// <summary><c>REGTYPE</c>.</summary>
    RegularFile = (byte)'0',

    /// <summary><c>LNKTYPE</c>: another name for an earlier entry.</summary>
    HardLink = (byte)'1',

    /// <summary><c>SYMTYPE</c>.</summary>
    SymbolicLink = (byte)'2',

    /// <summary><c>CHRTYPE</c>.</summary>
    CharacterDevice = (byte)'3',

    /// <summary><c>BLKTYPE</c>.</summary>
    BlockDevice = (byte)'4',

    /// <summary><c>DIRTYPE</c>.</summary>
    Directory = (byte)'5',

    /// <summary><c>FIFOTYPE</c>.</summary>
    Fifo = (byte)'6',

    /// <summary><c>CONTTYPE</c>: a regular file in one piece on the disk; to us a regular file.</summary>
    ContiguousFile = (byte)'7',

    /// <summary><c>XHDTYPE</c>: PAX records for the next entry.</summary>
    ExtendedHeader = (byte)'x',

    /// <summary><c>XGLTYPE</c>: PAX records for all entries that follow.</summary>
    GlobalExtendedHeader = (byte)'g',

    /// <summary><c>GNUTYPE_LONGNAME</c>: the name of the next entry.</summary>
    GnuLongName = (byte)'L',

    /// <summary><c>GNUTYPE_LONGLINK</c>: the link target of the next entry.</summary>
    GnuLongLink = (byte)'K',

    /// <summary><c>GNUTYPE_SPARSE</c>: a regular file with its map in the header.</summary>
    GnuSparse = (byte)'S',

    /// <summary><c>GNUTYPE_DUMPDIR</c>: a directory, with a list of its names as content (<c>tar --listed-incremental</c>).</summary>
    GnuDumpDirectory = (byte)'D',

    /// <summary><c>GNUTYPE_MULTIVOL</c>: the rest of a file that began on another volume.</summary>
    GnuMultiVolume = (byte)'M',

    /// <summary><c>GNUTYPE_VOLHDR</c>: the label of the volume.</summary>
    GnuVolumeHeader = (byte)'V',
}

/// <summary>What is known of type flags.</summary>
internal static class TarTypeFlags
{
    /// <summary>Whether it is one of <see cref="TarTypeFlag"/>'s. POSIX: files of all others are to be taken as regular ones.</summary>
    public static bool IsKnown(this TarTypeFlag type) =>
        type is TarTypeFlag.OldRegularFile or (>= TarTypeFlag.RegularFile and <= TarTypeFlag.ContiguousFile)
            or TarTypeFlag.ExtendedHeader or TarTypeFlag.GlobalExtendedHeader or TarTypeFlag.GnuLongName or TarTypeFlag.GnuLongLink
            or TarTypeFlag.GnuSparse or TarTypeFlag.GnuDumpDirectory or TarTypeFlag.GnuMultiVolume or TarTypeFlag.GnuVolumeHeader;
}
