namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// An entry of a tar archive: the fields of its header, replaced by PAX records and GNU long names where the archive has them. Numbers are not
/// checked against the ranges of their fields' meaning.
/// </summary>
public sealed class TarEntry
{
    internal TarEntry()
    {
    }

    /// <summary>
    /// The name as stored in the archive, possibly with a leading <c>./</c> or <c>/</c> and a trailing <c>/</c>. It has no NUL.
    /// </summary>
    public ByteString RawName { get; internal set; } = ByteString.Empty;

    /// <summary>Target of a hard link or symbolic link. It has no NUL.</summary>
    public ByteString LinkName { get; internal set; } = ByteString.Empty;

    /// <summary>The entry's type. Never <see cref="TarTypeFlag.OldRegularFile"/>: the reader reports a regular file or a directory.</summary>
    public TarTypeFlag TypeFlag { get; internal set; }

    /// <summary>The mode field. Some writers include the bits of the file type.</summary>
    public long Mode { get; internal set; }

    /// <summary>Numeric user ID of the owner.</summary>
    public long Uid { get; internal set; }

    /// <summary>Numeric group ID.</summary>
    public long Gid { get; internal set; }

    /// <summary>Name of the owner, for information only.</summary>
    public ByteString Uname { get; internal set; } = ByteString.Empty;

    /// <summary>Name of the group, for information only.</summary>
    public ByteString Gname { get; internal set; } = ByteString.Empty;

    /// <summary>Time of the last change of the content.</summary>
    public Timestamp ModificationTime { get; internal set; }

    /// <summary>Major device number; 0 for other types.</summary>
    public long DevMajor { get; internal set; }

    /// <summary>Minor device number; 0 for other types.</summary>
    public long DevMinor { get; internal set; }

    /// <summary>
    /// File size in bytes, holes included. Links, directories and devices may claim a size, too. That size means nothing, and no content
    /// follows (POSIX for directories, Go for all of them).
    /// </summary>
    public long Size { get; internal set; }

    /// <summary>Number of content bytes in the archive from <see cref="DataOffset"/> on, without padding.</summary>
    public long StoredSize { get; internal set; }

    /// <summary>Byte offset of the header in the archive. PAX headers and long name headers of the entry precede it.</summary>
    public long HeaderOffset { get; internal set; }

    /// <summary>Byte offset of the content in the archive.</summary>
    public long DataOffset { get; internal set; }

    /// <summary>The PAX records of this entry, without the records of global headers.</summary>
    public PaxRecords PaxRecords { get; internal set; } = PaxRecords.None;

    /// <summary>Reads the extended attributes in the PAX records. Returns false where an attribute can't be decoded.</summary>
    public bool TryReadAttributes(out ExtendedAttributes attributes)
    {
        var read = PaxRecords.All.Count == 0 ? ExtendedAttributes.None : PaxAttributes.TryRead(PaxRecords);
        attributes = read ?? ExtendedAttributes.None;
        return read is not null;
    }

    /// <summary>The data ranges of a sparse file, with offsets in the archive; null for other entries.</summary>
    public IReadOnlyList<SourceExtent>? SparseExtents { get; internal set; }
}
