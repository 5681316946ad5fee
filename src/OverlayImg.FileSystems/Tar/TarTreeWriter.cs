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
    /// <summary>Writes the whole archive, end marker included.</summary>
    /// <exception cref="InputException">
    /// The tree holds a socket, which tar can't express; its files exceed the size that the options allow; or some content can't be read.
    /// </exception>
    public static void Write(FileTree tree, Stream output, TarWriterOptions options, CancellationToken cancellationToken)
    {
        using var writer = new TarWriter(output, options.Format);
        WriteEntries(tree, writer, options, cancellationToken);
        writer.Complete();
    }

    /// <summary>Writes the entries alone, for archives that go on behind them.</summary>
    /// <exception cref="InputException">As <see cref="Write"/>.</exception>
    public static void WriteEntries(FileTree tree, TarWriter writer, TarWriterOptions options, CancellationToken cancellationToken)
    {
        TarSizeLimit.Require(tree, options, cancellationToken);
        var linked = options.HardLinks == TarHardLinks.Dereference
            ? null
            : new HardLinkedNodes(tree, ofEveryKind: options.HardLinks == TarHardLinks.Preserve);
        foreach (var (path, node) in tree.Walk())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var member = TarMembers.Of(path, node, options);
            if (linked?.FirstNameOf(node, member.Name) is { IsEmpty: false } first) writer.Write(TarMembers.LinkTo(first, member));
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
        WriteNode(TarMembers.Of(path, node, options) with { Name = TarMembers.NameOf(path, node, prefix) }, node, writer, cancellationToken);

    private static void WriteNode(TarMember member, FileNode node, TarWriter writer, CancellationToken cancellationToken)
    {
        if (node is RegularFileNode file) writer.Write(member, file.Content, cancellationToken);
        else writer.Write(member);
    }
}
