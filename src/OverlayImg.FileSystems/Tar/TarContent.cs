namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// The bytes of a tar archive that are computed when they are read, at any offset: headers from nodes, content from the files. So an archive can be
/// hashed before it is written, without a copy on disk. Memory use is a few dozen bytes per entry, besides the nodes.
/// </summary>
public sealed class TarContent : FileContent
{
    // Nearly all entries have headers of one block or three.
    private const int HeaderBufferSize = 4 * TarLayout.BlockSize;

    private readonly TarEntryTable _entries;
    private readonly TarWriterOptions _options;
    private readonly long[] _ends;

    private TarContent(TarEntryTable entries, TarWriterOptions options)
    {
        (_entries, _options, _ends) = (entries, options, new long[entries.Count]);
        var end = 0L;
        var limit = new TarSizeLimit(options.MaximumSize);
        for (var index = 0; index < _ends.Length; index++)
        {
            var size = ContentOf(index).Length;
            if (!limit.TryAdd(size)) throw limit.Exceeded(size, new(Path: _entries.MemberOf(index, options).Name.ToString()));
            end += Headers(index).Length + Padded(size);
            _ends[index] = end;
        }

        Length = RoundUp(end + TarLayout.EndMarkerSize, TarLayout.RecordSize);
    }

    /// <inheritdoc/>
    public override long Length { get; }

    /// <summary>Number of entries in the archive.</summary>
    public int EntryCount => _entries.Count;

    /// <summary>Makes the archive that <see cref="TarTreeWriter.Write"/> writes for a tree.</summary>
    /// <exception cref="InputException">The tree has a socket, which tar does not support, or its files exceed the size limit.</exception>
    public static TarContent Of(FileTree tree, TarWriterOptions options, CancellationToken cancellationToken) =>
        Of([new(ByteString.Empty, tree.Root)], options, cancellationToken);

    /// <summary>
    /// Makes an archive of several subtrees in the given order. Names in a directory are sorted bytewise, or in Python's order for Python's headers.
    /// </summary>
    /// <param name="parts">Paths without a leading slash, and their nodes.</param>
    /// <param name="options">How the entries are written.</param>
    /// <param name="cancellationToken">Checked for each entry.</param>
    /// <exception cref="InputException">A part has a socket, which tar does not support, or the files exceed the size limit.</exception>
    public static TarContent Of(IEnumerable<TreeEntry> parts, TarWriterOptions options, CancellationToken cancellationToken) =>
        new(TarEntryTable.Of(parts, options, cancellationToken), options);

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        var index = Array.BinarySearch(_ends, offset);
        // At the end of an entry, the next entry has the byte.
        for (index = index < 0 ? ~index : index + 1; !buffer.IsEmpty && index < _ends.Length; index++)
        {
            var part = buffer[..(int)Math.Min(buffer.Length, _ends[index] - offset)];
            ReadEntry(index, offset, part);
            buffer = buffer[part.Length..];
            offset += part.Length;
        }

        buffer.Clear();
    }

    // Reads a range of one entry: of its headers, its content and its padding.
    private void ReadEntry(int index, long offset, Span<byte> buffer)
    {
        var content = ContentOf(index);
        var start = index == 0 ? 0 : _ends[index - 1];
        var contentStart = _ends[index] - Padded(content.Length);
        if (offset < contentStart)
        {
            var headers = Headers(index).AsSpan((int)(offset - start));
            headers = headers[..Math.Min(headers.Length, buffer.Length)];
            headers.CopyTo(buffer);
            buffer = buffer[headers.Length..];
            offset += headers.Length;
        }

        var count = (int)Math.Clamp(contentStart + content.Length - offset, 0, buffer.Length);
        if (count > 0) content.Read(offset - contentStart, buffer[..count]);
        buffer[count..].Clear();
    }

    private byte[] Headers(int index)
    {
        using var headers = new MemoryStream(HeaderBufferSize);
        using var output = new BufferedOutput(headers, HeaderBufferSize);
        TarHeaderWriter.Write(_entries.MemberOf(index, _options), _options.Format, output);
        output.Flush();
        return headers.ToArray();
    }

    private FileContent ContentOf(int index) => _entries.IsLink(index) ? Empty : (_entries.NodeOf(index) as RegularFileNode)?.Content ?? Empty;

    private static long Padded(long length) => RoundUp(length, TarLayout.BlockSize);

    private static long RoundUp(long length, int size) => (length + size - 1) / size * size;
}
