namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Writes a tree with the same bytes as GNU tar 1.34 with
/// <c>tar -C DIR --sort=name --mtime=@N --owner=UID --group=GID [--hard-dereference] -cf - .</c>, except for entries with extended
/// attributes (see <see cref="TarWriter"/>) and for <see cref="TarHardLinks.Preserve"/>. The root's name is <c>./</c>, and other names start
/// with it. Owner and group 0 have the name <c>root</c>, others have no name, as on a machine without other accounts. Sparse files are
/// written with their holes as zeros, because the OCI Image Specification advises against sparse entries.
/// </summary>
public static class TarTreeWriter
{
    /// <summary>Writes the whole archive with its end marker.</summary>
    /// <exception cref="InputException">
    /// The tree has a socket, which tar does not support; its files exceed the size limit of the options; or a file's content can't be read.
    /// </exception>
    public static void Write(FileTree tree, Stream output, TarWriterOptions options, CancellationToken cancellationToken)
    {
        using var writer = new TarWriter(output, options.Format);
        WriteEntries(tree, writer, options, cancellationToken);
        writer.Complete();
    }

    /// <summary>Writes only the entries, without the end marker, so that the archive can continue.</summary>
    /// <exception cref="InputException">See <see cref="Write"/>.</exception>
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
    /// Writes one node, like <c>tar --no-recursion --hard-dereference</c> with <paramref name="prefix"/> and <paramref name="path"/> as name.
    /// </summary>
    /// <exception cref="InputException">See <see cref="Write"/>.</exception>
    public static void WriteEntry(
        ReadOnlySpan<byte> prefix, ByteString path, FileNode node, TarWriter writer, TarWriterOptions options, CancellationToken cancellationToken) =>
        WriteNode(TarMembers.Of(path, node, options) with { Name = TarMembers.NameOf(path, node, prefix) }, node, writer, cancellationToken);

    private static void WriteNode(TarMember member, FileNode node, TarWriter writer, CancellationToken cancellationToken)
    {
        if (node is RegularFileNode file) writer.Write(member, file.Content, cancellationToken);
        else writer.Write(member);
    }
}
