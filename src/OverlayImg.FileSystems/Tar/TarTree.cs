namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Reads a tar archive as a file tree: by the rules for applying a layer (image-spec layer.md, "Applying Changesets"), except that
/// whiteouts are ordinary names here. Only headers are read; the tree's content refers into the source.
/// </summary>
public static class TarTree
{
    /// <summary>Reads the uncompressed archive in a range of <paramref name="source"/>, which must stay open as long as the tree is used.</summary>
    /// <param name="source">The file that holds the archive.</param>
    /// <param name="offset">Where it begins.</param>
    /// <param name="length">Its length; what follows its end marker is ignored.</param>
    /// <param name="where">What errors call it.</param>
    /// <param name="cancellationToken">Checked at each entry.</param>
    /// <exception cref="InputException">The archive is corrupt or truncated, or has something that no file tree can have.</exception>
    public static TarTreeResult Read(ByteSource source, long offset, long length, InputLocation where, CancellationToken cancellationToken) =>
        Read(source, offset, length, where, new TreeReading(), cancellationToken);

    /// <summary>As the other one, in a reading of several archives or over lower files.</summary>
    /// <exception cref="InputException">As the other one.</exception>
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
