namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Reads a tar archive as a tree, by the rules for applying a layer (OCI Image Specification, "Layer Filesystem Changeset"), except that
/// whiteouts are ordinary names. Only headers are read; the tree's content refers to the source.
/// </summary>
public static class TarTree
{
    /// <summary>Reads the uncompressed archive in a range of <paramref name="source"/>, which must stay open while the tree is used.</summary>
    /// <param name="source">The file that has the archive.</param>
    /// <param name="offset">Byte offset of the archive.</param>
    /// <param name="length">Length of the range in bytes. Data after the archive's end marker is ignored.</param>
    /// <param name="where">The archive's location for errors.</param>
    /// <param name="cancellationToken">Checked for each entry.</param>
    /// <exception cref="InputException">The archive is corrupt or truncated, or has an entry that is impossible in a tree.</exception>
    public static TarTreeResult Read(ByteSource source, long offset, long length, InputLocation where, CancellationToken cancellationToken) =>
        Read(source, offset, length, where, new TreeReading(), cancellationToken);

    /// <summary>Reads an archive with a budget that archives share, over lower files, or with access control lists as text.</summary>
    /// <exception cref="InputException">The archive is corrupt or truncated, or has an entry that is impossible in a tree.</exception>
    public static TarTreeResult Read(
        ByteSource source, long offset, long length, InputLocation where, TreeReading reading, CancellationToken cancellationToken)
    {
        var errors = new TarErrors(where, offset);
        var reader = TarReader.Open(source, offset, length, where);
        var nodes = new TarNodes(source, offset, errors, reading);
        var builder = new TarTreeBuilder(errors, reading.Budget, reading.Lower);
        while (reader.Next(cancellationToken) is { } entry) Add(builder, nodes, entry);
        return builder.Complete();
    }

    private static void Add(TarTreeBuilder builder, TarNodes nodes, TarEntry entry)
    {
        switch (entry.TypeFlag)
        {
            case TarTypeFlag.HardLink:
                builder.AddHardLink(entry, nodes.MetadataOf(entry));
                break;
            case TarTypeFlag.Directory or TarTypeFlag.GnuDumpDirectory:
                builder.AddDirectory(entry, nodes.MetadataOf(entry));
                break;
            case TarTypeFlag.GnuVolumeHeader:
                builder.Warn(entry, "a volume label, is left out");
                break;
            default:
                if (!entry.TypeFlag.IsKnown()) builder.Warn(entry, $"of the unknown type {(byte)entry.TypeFlag:x2}, is taken as a regular file");
                builder.Add(entry, nodes.NodeOf(entry));
                break;
        }
    }
}
