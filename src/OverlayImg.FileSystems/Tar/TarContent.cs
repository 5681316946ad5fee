namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// A tar archive that exists nowhere: its headers are made and its files read as it is read itself, from front to back or from anywhere. So an archive
/// can be hashed first and written then, and there is no copy of it. In memory are a few dozen bytes per entry, beside the nodes.
/// </summary>
public sealed class TarContent : FileContent
{
    // Nearly every header is one block or three.
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

    /// <summary>Number of entries.</summary>
    public int EntryCount => _entries.Count;

    /// <summary>What <see cref="TarTreeWriter.Write"/> writes of a tree.</summary>
    /// <exception cref="InputException">The tree holds a socket, which tar can't express; or its files exceed the size that the options allow.</exception>
    public static TarContent Of(FileTree tree, TarWriterOptions options, CancellationToken cancellationToken) =>
        Of([new(ByteString.Empty, tree.Root)], options, cancellationToken);

    /// <summary>
    /// An archive of several parts in their order, each with all that is below it: sorted byte by byte, or as Python sorts names where its headers are
    /// asked for.
    /// </summary>
    /// <param name="parts">Paths without a leading slash, and what stands there.</param>
    /// <param name="options">How they are written.</param>
    /// <param name="cancellationToken">Looked at for each entry.</param>
    /// <exception cref="InputException">There is a socket among them, which tar can't express.</exception>
    public static TarContent Of(IEnumerable<TreeEntry> parts, TarWriterOptions options, CancellationToken cancellationToken) =>
        new(TarEntryTable.Of(parts, options, cancellationToken), options);

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        var index = Array.BinarySearch(_ends, offset);
        // An entry that ends at the offset is not the one that holds it.
        for (index = index < 0 ? ~index : index + 1; !buffer.IsEmpty && index < _ends.Length; index++)
        {
            var part = buffer[..(int)Math.Min(buffer.Length, _ends[index] - offset)];
            ReadEntry(index, offset, part);
            buffer = buffer[part.Length..];
            offset += part.Length;
        }

        buffer.Clear();
    }

    // A part of one entry: of its headers, its content, and the zeros behind it.
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
