namespace OverlayImg.FileSystems.Tar;

/// <summary>Converts nodes of a tree to members of an archive.</summary>
internal static class TarMembers
{
    private static readonly ByteString RootName = new("root"u8);

    /// <summary>Makes a hard link to <paramref name="first"/> with the name and metadata of <paramref name="member"/>.</summary>
    public static TarMember LinkTo(ByteString first, TarMember member) =>
        member with { TypeFlag = TarTypeFlag.HardLink, LinkName = first, Size = 0, ExtendedAttributes = ExtendedAttributes.None };

    /// <summary>The name of a node in an archive: prefix and path, with a trailing slash for a directory. The root is <c>./</c>.</summary>
    public static ByteString NameOf(ByteString path, FileNode node, ReadOnlySpan<byte> prefix) => (path.IsEmpty, node is DirectoryNode) switch
    {
        (true, _) => new("./"u8),
        (_, true) => new([.. prefix, .. path.Span, (byte)'/']),
        _ => new([.. prefix, .. path.Span]),
    };

    /// <summary>Makes the member of a node.</summary>
    /// <exception cref="InputException">The node is a socket, which tar does not support.</exception>
    public static TarMember Of(ByteString path, FileNode node, TarWriterOptions options)
    {
        var (uid, gid) = (options.Uid ?? node.Uid, options.Gid ?? node.Gid);
        var device = node as SpecialNode;
        return new()
        {
            Name = NameOf(path, node, PrefixOf(options.Names)),
            TypeFlag = TypeFlagOf(path, node),
            Permissions = node.Permissions,
            Uid = uid,
            Gid = gid,
            Uname = options.Uname ?? (uid == 0 ? RootName : ByteString.Empty),
            Gname = options.Gname ?? (gid == 0 ? RootName : ByteString.Empty),
            Size = node is RegularFileNode file ? file.Content.Length : 0,
            ModificationTime = options.MTime ?? node.ModificationTime,
            LinkName = node is SymbolicLinkNode link ? link.Target : ByteString.Empty,
            DevMajor = device?.Major ?? 0,
            DevMinor = device?.Minor ?? 0,
            ExtendedAttributes = options.Xattrs ? node.ExtendedAttributes : ExtendedAttributes.None,
        };
    }

    private static ReadOnlySpan<byte> PrefixOf(TarNames names) => names switch
    {
        TarNames.Plain => default,
        TarNames.Absolute => "/"u8,
        _ => "./"u8,
    };

    private static TarTypeFlag TypeFlagOf(ByteString path, FileNode node) => node.Type switch
    {
        FileType.RegularFile => TarTypeFlag.RegularFile,
        FileType.Directory => TarTypeFlag.Directory,
        FileType.SymbolicLink => TarTypeFlag.SymbolicLink,
        FileType.CharacterDevice => TarTypeFlag.CharacterDevice,
        FileType.BlockDevice => TarTypeFlag.BlockDevice,
        FileType.Fifo => TarTypeFlag.Fifo,
        _ => throw new InputException("a socket can't be written to a tar archive", new(Path: path.ToString()))
        {
            Advice = "Remove the socket first.",
        },
    };
}
