namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// One entry of a tar archive: the header's fields, corrected by the PAX records and GNU long names before it. Numbers are as the archive
/// has them: range checks are for those who give them a meaning.
/// </summary>
public sealed class TarEntry
{
    internal TarEntry()
    {
    }

    /// <summary>
    /// The name as it is stored, long or short: not cleaned, with a leading <c>./</c> or <c>/</c> and a trailing <c>/</c> where there is one. No
    /// NUL.
    /// </summary>
    public ByteString RawName { get; internal set; } = ByteString.Empty;

    /// <summary>Target of a link. No NUL.</summary>
    public ByteString LinkName { get; internal set; } = ByteString.Empty;

    /// <summary>The kind. <see cref="TarTypeFlag.OldRegularFile"/> never: it is reported as what it means.</summary>
    public TarTypeFlag TypeFlag { get; internal set; }

    /// <summary>The mode field; some writers set the bits of the file type in it.</summary>
    public long Mode { get; internal set; }

    /// <summary>Owner.</summary>
    public long Uid { get; internal set; }

    /// <summary>Group.</summary>
    public long Gid { get; internal set; }

    /// <summary>Name of the owner; informative.</summary>
    public ByteString Uname { get; internal set; } = ByteString.Empty;

    /// <summary>Name of the group; informative.</summary>
    public ByteString Gname { get; internal set; } = ByteString.Empty;

    /// <summary>Time of the last change of the content.</summary>
    public Timestamp ModificationTime { get; internal set; }

    /// <summary>Major device number.</summary>
    public long DevMajor { get; internal set; }

    /// <summary>Minor device number.</summary>
    public long DevMinor { get; internal set; }

    /// <summary>
    /// Size of the file in bytes, holes included. Entries without content (links, directories, devices) may claim one too; it
    /// means nothing then, and no content follows (so POSIX for directories, and Go for all of them).
    /// </summary>
    public long Size { get; internal set; }

    /// <summary>Number of content bytes in the archive from <see cref="DataOffset"/> on, padding not counted.</summary>
    public long StoredSize { get; internal set; }

    /// <summary>Offset of the header block from the start of the archive; its PAX and long name headers stand before it.</summary>
    public long HeaderOffset { get; internal set; }

    /// <summary>Offset of the first content byte from the start of the archive.</summary>
    public long DataOffset { get; internal set; }

    /// <summary>The PAX records of this entry (those of global headers are not in it).</summary>
    public PaxRecords PaxRecords { get; internal set; } = PaxRecords.None;

    /// <summary>The extended attributes in the PAX records. False if one can't be decoded.</summary>
    public bool TryReadAttributes(out ExtendedAttributes attributes)
    {
        var read = PaxRecords.All.Count == 0 ? ExtendedAttributes.None : PaxAttributes.TryRead(PaxRecords);
        attributes = read ?? ExtendedAttributes.None;
        return read is not null;
    }

    /// <summary>The runs of data of a sparse file with their offsets from the start of the archive; null for every other entry.</summary>
    public IReadOnlyList<SourceExtent>? SparseExtents { get; internal set; }
}
