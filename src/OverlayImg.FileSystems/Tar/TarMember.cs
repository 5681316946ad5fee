namespace OverlayImg.FileSystems.Tar;

/// <summary>What <see cref="TarWriter"/> writes into the header of one entry.</summary>
public sealed record TarMember
{
    /// <summary>The name as it shall stand in the archive; a directory's with its slash at the end. Not empty, no NUL.</summary>
    public required ByteString Name { get; init; }

    /// <summary>The kind.</summary>
    public required TarTypeFlag TypeFlag { get; init; }

    /// <summary>0 to 07777.</summary>
    public int Permissions { get; init; }

    /// <summary>Owner.</summary>
    public uint Uid { get; init; }

    /// <summary>Group.</summary>
    public uint Gid { get; init; }

    /// <summary>Name of the owner: at most 32 bytes.</summary>
    public ByteString Uname { get; init; } = ByteString.Empty;

    /// <summary>Name of the group: at most 32 bytes.</summary>
    public ByteString Gname { get; init; } = ByteString.Empty;

    /// <summary>Number of bytes that will follow.</summary>
    public long Size { get; init; }

    /// <summary>Written in whole seconds, the part below cut off.</summary>
    public Timestamp ModificationTime { get; init; }

    /// <summary>Target of a link; no NUL.</summary>
    public ByteString LinkName { get; init; } = ByteString.Empty;

    /// <summary>Major device number.</summary>
    public uint DevMajor { get; init; }

    /// <summary>Minor device number.</summary>
    public uint DevMinor { get; init; }

    /// <summary>Extended attributes; an entry that has some is written with a PAX header.</summary>
    public ExtendedAttributes ExtendedAttributes { get; init; } = ExtendedAttributes.None;
}
