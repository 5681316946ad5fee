namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Writes a file tree as GNU tar 1.34 writes a directory with
/// <c>tar -C DIR --sort=name --mtime=@N --owner=UID --group=GID [--hard-dereference] -cf - .</c>, to the byte, except for entries with
/// extended attributes (see <see cref="TarWriter"/>) and for <see cref="TarHardLinks.Preserve"/>. Names: the root is <c>./</c>, others begin with it.
/// The owner and group 0 have the name <c>root</c>, others none: so GNU tar writes on a machine that has no other accounts.
/// Sparse files are written with their holes as zeros (image-spec layer.md: layers should not use sparse entries).
/// </summary>
public static class TarTreeWriter
{
    private static readonly ByteString RootName = new("root"u8);

    /// <summary>Writes the whole archive, end marker included.</summary>
    /// <exception cref="InputException">The tree holds a socket, which tar can't express; or some content can't be read.</exception>
    public static void Write(FileTree tree, Stream output, TarWriterOptions options, CancellationToken cancellationToken)
    {
        var writer = new TarWriter(output);
        WriteEntries(tree, writer, options, cancellationToken);
        writer.Complete();
    }

    /// <summary>Writes the entries alone, for archives that go on behind them.</summary>
    /// <exception cref="InputException">As <see cref="Write"/>.</exception>
    public static void WriteEntries(FileTree tree, TarWriter writer, TarWriterOptions options, CancellationToken cancellationToken)
    {
        var linked = options.HardLinks == TarHardLinks.Dereference
            ? null
            : new HardLinkedNodes(tree, ofEveryKind: options.HardLinks == TarHardLinks.Preserve);
        foreach (var (path, node) in tree.Walk())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = NameOf(path, node, options.PlainNames ? default : "./"u8);
            var member = MemberOf(name, path, node, options);
            if (linked?.FirstNameOf(node, name) is { IsEmpty: false } first) writer.Write(LinkTo(first, member));
            else WriteNode(member, node, writer, cancellationToken);
        }
    }

    /// <summary>
    /// Writes one node as <c>tar --no-recursion --hard-dereference</c> does that is given <paramref name="path"/> with <paramref name="prefix"/>
    /// before it.
    /// </summary>
    /// <exception cref="InputException">As <see cref="Write"/>.</exception>
    public static void WriteEntry(
        ReadOnlySpan<byte> prefix, ByteString path, FileNode node, TarWriter writer, TarWriterOptions options, CancellationToken cancellationToken) =>
        WriteNode(MemberOf(NameOf(path, node, prefix), path, node, options), node, writer, cancellationToken);

    private static void WriteNode(TarMember member, FileNode node, TarWriter writer, CancellationToken cancellationToken)
    {
        if (node is RegularFileNode file) writer.Write(member, file.Content, cancellationToken);
        else writer.Write(member);
    }

    private static TarMember LinkTo(ByteString first, TarMember member) =>
        member with { TypeFlag = TarTypeFlag.HardLink, LinkName = first, Size = 0, ExtendedAttributes = ExtendedAttributes.None };

    private static ByteString NameOf(ByteString path, FileNode node, ReadOnlySpan<byte> prefix) => (path.IsEmpty, node is DirectoryNode) switch
    {
        (true, _) => new("./"u8),
        (_, true) => new([.. prefix, .. path.Span, (byte)'/']),
        _ => new([.. prefix, .. path.Span]),
    };

    private static TarMember MemberOf(ByteString name, ByteString path, FileNode node, TarWriterOptions options)
    {
        var (uid, gid) = (options.Uid ?? node.Uid, options.Gid ?? node.Gid);
        var device = node as SpecialNode;
        return new()
        {
            Name = name,
            TypeFlag = TypeFlagOf(path, node),
            Permissions = node.Permissions,
            Uid = uid,
            Gid = gid,
            Uname = uid == 0 ? RootName : ByteString.Empty,
            Gname = gid == 0 ? RootName : ByteString.Empty,
            Size = node is RegularFileNode file ? file.Content.Length : 0,
            ModificationTime = options.MTime ?? node.ModificationTime,
            LinkName = node is SymbolicLinkNode link ? link.Target : ByteString.Empty,
            DevMajor = device?.Major ?? 0,
            DevMinor = device?.Minor ?? 0,
            ExtendedAttributes = options.Xattrs ? node.ExtendedAttributes : ExtendedAttributes.None,
        };
    }

    private static TarTypeFlag TypeFlagOf(ByteString path, FileNode node) => node.Type switch
    {
        FileType.RegularFile => TarTypeFlag.RegularFile,
        FileType.Directory => TarTypeFlag.Directory,
        FileType.SymbolicLink => TarTypeFlag.SymbolicLink,
        FileType.CharacterDevice => TarTypeFlag.CharacterDevice,
        FileType.BlockDevice => TarTypeFlag.BlockDevice,
        FileType.Fifo => TarTypeFlag.Fifo,
        _ => throw new InputException("a socket can't be written to a tar archive", new(Path: path.ToString())) { Advice = "Remove it first." },
    };
}
