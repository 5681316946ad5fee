namespace OverlayImg.FileSystems.Tar;

/// <summary>The header fields of an entry for <see cref="TarWriter"/>.</summary>
public sealed record TarMember
{
    /// <summary>The name as it is stored, with a trailing slash for a directory. Not empty and without a NUL.</summary>
    public required ByteString Name { get; init; }

    /// <summary>The entry's type.</summary>
    public required TarTypeFlag TypeFlag { get; init; }

    /// <summary>Permission bits: 0 to 07777.</summary>
    public int Permissions { get; init; }

    /// <summary>Numeric user ID of the owner.</summary>
    public uint Uid { get; init; }

    /// <summary>Numeric group ID.</summary>
    public uint Gid { get; init; }

    /// <summary>Name of the owner: at most 32 bytes in GNU's format.</summary>
    public ByteString Uname { get; init; } = ByteString.Empty;

    /// <summary>Name of the group: at most 32 bytes in GNU's format.</summary>
    public ByteString Gname { get; init; } = ByteString.Empty;

    /// <summary>Number of content bytes.</summary>
    public long Size { get; init; }

    /// <summary>Modification time, which is stored in whole seconds, rounded down.</summary>
    public Timestamp ModificationTime { get; init; }

    /// <summary>Target of a hard link or symbolic link, without a NUL.</summary>
    public ByteString LinkName { get; init; } = ByteString.Empty;

    /// <summary>Major device number; 0 for other types.</summary>
    public uint DevMajor { get; init; }

    /// <summary>Minor device number; 0 for other types.</summary>
    public uint DevMinor { get; init; }

    /// <summary>Extended attributes. An entry with attributes gets a PAX header.</summary>
    public ExtendedAttributes ExtendedAttributes { get; init; } = ExtendedAttributes.None;
}
