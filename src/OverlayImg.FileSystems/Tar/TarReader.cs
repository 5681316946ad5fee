namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Reads a tar archive sequentially, entry by entry: version 7, ustar, PAX, old and new GNU, star, and sparse files in all forms. Where readers
/// differ, this reader follows Go's <c>archive/tar</c>, with which Docker, containerd and podman read layers: PAX records and long
/// names apply to the next file, never to a header in between. The PAX size is the only size. Links, directories and devices have no
/// content, whatever size they claim. Global PAX records change no entry. Two blocks of zeros, or the end of the stream, end the archive.
/// </summary>
/// <remarks>
/// The stream need not support seeking. A stream that does is not read where content is skipped. The reader does not dispose of the stream,
/// and may have read beyond the archive's end.
/// </remarks>
public sealed class TarReader
{
    /// <summary>Limit on the size in bytes of a PAX header's or long name header's content, as in Go and libarchive.</summary>
    public const int MaximumExtendedHeaderSize = 1 << 20;

    private const int SmallestExtendedBuffer = 64 << 10;

    private readonly TarInput _input;
    private readonly TarErrors _errors;
    private readonly byte[] _block = new byte[TarLayout.BlockSize];
    private TarEntry? _current;
    private long _contentEnd;
    private long _contentPosition;
    private int _nextExtent;
    private bool _isAtEnd;

    /// <summary>Makes a reader of the archive at the current position of <paramref name="stream"/>.</summary>
    /// <param name="stream">The uncompressed archive; the caller disposes of it.</param>
    /// <param name="where">The archive's location for errors.</param>
    public TarReader(Stream stream, InputLocation where) : this(new TarInput(stream), new TarErrors(where, 0))
    {
    }

    private TarReader(TarInput input, TarErrors errors) => (_input, _errors) = (input, errors);

    /// <summary>
    /// Whether global PAX headers are returned as entries with <see cref="TarEntry.PaxRecords"/>; otherwise they are skipped.
    /// </summary>
    public bool ReportsGlobalHeaders { get; init; }

    /// <summary>Makes a reader of the archive in a range of <paramref name="source"/>. Offsets of entries are relative to the range.</summary>
    /// <exception cref="InputException">The source is shorter than the range.</exception>
    public static TarReader Open(ByteSource source, long offset, long length, InputLocation where)
    {
        var errors = new TarErrors(where, offset);
        if (offset < 0 || length < 0 || offset > source.Length - length)
        {
            throw errors.Truncated(Math.Max(0, source.Length - offset), default, "its expected range");
        }

        return new(new TarInput(new SourceRangeStream(source, offset, length)), errors);
    }

    /// <summary>Skips the rest of the current entry's content and reads the next entry. Null at the end.</summary>
    /// <exception cref="InputException">The data is not a tar archive, or the archive is corrupt, hostile or truncated.</exception>
    public TarEntry? Next(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isAtEnd) return null;
        if (_current is not null) SkipContent(_current, _contentEnd, cancellationToken);
        _current = ReadEntry(cancellationToken);
        _isAtEnd = _current is null;
        (_contentPosition, _nextExtent) = (0, 0);
        return _current;
    }

    /// <summary>Reads more content of the current entry, holes as zeros. Returns the number of bytes, which is 0 at the end.</summary>
    /// <exception cref="InputException">The archive ends early.</exception>
    public int Read(Span<byte> buffer)
    {
        if (_current is null || buffer.IsEmpty) return 0;
        return _current.SparseExtents is null ? ReadStored(_current, buffer) : ReadSparse(_current, _current.SparseExtents, buffer);
    }

    private TarEntry? ReadEntry(CancellationToken cancellationToken)
    {
        var pending = new PendingHeaders();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var headerOffset = _input.Position;
            if (!TryReadHeader(headerOffset)) return null;
            var entry = TarHeader.Read(_block, headerOffset, _errors);
            entry.DataOffset = _input.Position;
            switch (entry.TypeFlag)
            {
                case TarTypeFlag.ExtendedHeader:
                    pending.Records = ReadRecords(entry, cancellationToken);
                    break;
                case TarTypeFlag.GnuLongName:
                    pending.Name = ReadLongName(entry, cancellationToken);
                    break;
                case TarTypeFlag.GnuLongLink:
                    pending.LinkName = ReadLongName(entry, cancellationToken);
                    break;
                case TarTypeFlag.GlobalExtendedHeader when !ReportsGlobalHeaders:
                    SkipContent(entry, StoredEnd(entry), cancellationToken);
                    break;
                case TarTypeFlag.GlobalExtendedHeader:
                    entry.PaxRecords = ReadRecords(entry, cancellationToken);
                    (entry.Size, entry.StoredSize, _contentEnd) = (0, 0, _input.Position);
                    return entry;
                default:
                    Complete(entry, pending, cancellationToken);
                    return entry;
            }
        }
    }

    /// <summary>Records and names in the headers before an entry.</summary>
    private struct PendingHeaders
    {
        public PaxRecords? Records;
        public ByteString? Name;
        public ByteString? LinkName;
    }

    private void Complete(TarEntry entry, in PendingHeaders pending, CancellationToken cancellationToken)
    {
        if (pending.Records is not null) TarHeader.ApplyRecords(entry, pending.Records, _errors);
        // Where both kinds of header have a name, Go takes GNU's.
        if (pending.Name is { IsEmpty: false }) entry.RawName = pending.Name;
        if (pending.LinkName is { IsEmpty: false }) entry.LinkName = pending.LinkName;
        if (entry.TypeFlag == TarTypeFlag.OldRegularFile)
        {
            entry.TypeFlag = entry.RawName.Span.EndsWith("/"u8) ? TarTypeFlag.Directory : TarTypeFlag.RegularFile;
        }

        _contentEnd = StoredEnd(entry);
        if (entry.TypeFlag == TarTypeFlag.GnuSparse)
        {
            // The size does not include the further blocks of the map.
            new GnuSparse(_input, _errors, entry).ReadOld(_block, cancellationToken);
            _contentEnd = entry.DataOffset + entry.StoredSize;
        }
        else if (TarHeader.HasContent(entry.TypeFlag) && GnuSparse.IsDescribedBy(entry.PaxRecords))
        {
            new GnuSparse(_input, _errors, entry).ReadPax();
        }
    }

    private bool TryReadHeader(long headerOffset)
    {
        var count = _input.Read(_block);
        if (count == 0) return false;
        if (count < _block.Length) throw _errors.Truncated(headerOffset, default, "a header");
        if (_block.AsSpan().ContainsAnyExcept((byte)0)) return true;
        // Two blocks of zeros end an archive. After a single one, GNU tar and Python ignore the rest of the data; Go refuses the archive.
        if (_input.Read(_block) == _block.Length && _block.AsSpan().ContainsAnyExcept((byte)0))
        {
            const string Problem = "a single block of zeros precedes more data: an archive ends with two, and readers differ about what follows one";
            throw _errors.At(headerOffset, default, Problem);
        }
        return false;
    }

    // Negative sizes were refused when they were parsed, but the sum may still overflow.
    private long StoredEnd(TarEntry entry)
    {
        entry.StoredSize = TarHeader.HasContent(entry.TypeFlag) ? entry.Size : 0;
        return entry.StoredSize <= long.MaxValue - TarLayout.BlockSize - entry.DataOffset
            ? entry.DataOffset + entry.StoredSize
            : throw _errors.At(entry, $"the size {entry.Size} is impossible in an archive");
    }

    private PaxRecords ReadRecords(TarEntry header, CancellationToken cancellationToken)
    {
        var content = ReadExtended(header, "PAX header", cancellationToken);
        return PaxRecords.TryParse(content, out var records) is { } wrong ? throw _errors.At(header, wrong) : records;
    }

    private ByteString ReadLongName(TarEntry header, CancellationToken cancellationToken) =>
        new(TarField.CutAtNul(ReadExtended(header, "long name", cancellationToken)));

    private byte[] ReadExtended(TarEntry header, string what, CancellationToken cancellationToken)
    {
        if (header.Size > MaximumExtendedHeaderSize)
        {
            throw _errors.At(header, $"a {what} of {header.Size} bytes exceeds the limit of {MaximumExtendedHeaderSize} bytes");
        }

        var end = StoredEnd(header);
        // The buffer grows with the bytes that arrive, so that a false size alone costs no memory.
        var content = new byte[Math.Min((int)header.Size, SmallestExtendedBuffer)];
        var filled = 0;
        while (true)
        {
            filled += _input.Read(content.AsSpan(filled));
            if (filled < content.Length) throw _errors.Truncated(header.HeaderOffset, default, $"a {what}");
            if (filled == header.Size) break;
            Array.Resize(ref content, (int)Math.Min(header.Size, 2L * content.Length));
        }

        SkipContent(header, end, cancellationToken);
        return content;
    }

    private void SkipContent(TarEntry entry, long end, CancellationToken cancellationToken)
    {
        var rest = end - _input.Position;
        if (_input.Skip(rest, cancellationToken) < rest) throw TruncatedContent(entry);
        // All readers accept that the padding of the last entry is missing.
        _input.Skip(-end & (TarLayout.BlockSize - 1), cancellationToken);
    }

    private int ReadStored(TarEntry entry, Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, _contentEnd - _input.Position);
        var count = _input.ReadSome(buffer[..wanted]);
        return count == 0 && wanted > 0 ? throw TruncatedContent(entry) : count;
    }

    private int ReadSparse(TarEntry entry, IReadOnlyList<SourceExtent> extents, Span<byte> buffer)
    {
        while (_nextExtent < extents.Count && extents[_nextExtent].Offset + extents[_nextExtent].Length <= _contentPosition) _nextExtent++;
        var hasExtent = _nextExtent < extents.Count;
        var isData = hasExtent && extents[_nextExtent].Offset <= _contentPosition;
        var end = isData ? extents[_nextExtent].Offset + extents[_nextExtent].Length : hasExtent ? extents[_nextExtent].Offset : entry.Size;
        var count = (int)Math.Min(buffer.Length, end - _contentPosition);
        if (isData) count = ReadStored(entry, buffer[..count]);
        else buffer[..count].Clear();
        _contentPosition += count;
        return count;
    }

    private InputException TruncatedContent(TarEntry entry) => _errors.Truncated(entry.HeaderOffset, entry.RawName.Span, "an entry's content");
}
