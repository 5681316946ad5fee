using System.Buffers.Text;

namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Reads the maps of sparse files in the four forms of GNU tar (GNU tar manual, "Storing Sparse Files"): in headers (type S), and in PAX
/// records of the versions 0.0, 0.1 and 1.0.
/// </summary>
internal sealed class GnuSparse(TarInput input, TarErrors errors, TarEntry entry)
{
    /// <summary>Largest size of a sparse file in bytes, which is ext4's limit. A map of a few bytes can claim any size.</summary>
    public const long MaximumSize = 16L << 40;

    private const int MaximumExtents = 1 << 20;

    // The longest number of a 1.0 map has 19 digits, and a newline follows.
    private const int MaximumTokenLength = 20;

    private readonly List<DataExtent> _extents = [];
    private long _end;

    /// <summary>Reads the map of a file of type S from its header and the blocks after it, and completes the entry.</summary>
    public void ReadOld(ReadOnlySpan<byte> header, CancellationToken cancellationToken)
    {
        if (!TarNumber.TryParse(TarLayout.GnuRealSize.In(header), out var realSize)) throw Invalid("the real size is not a number");
        entry.Size = realSize;
        AddEntries(TarLayout.GnuSparse.In(header));
        var isExtended = TarLayout.GnuIsExtended.In(header)[0] != 0;
        Span<byte> block = stackalloc byte[TarLayout.BlockSize];
        while (isExtended)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadBlock(block);
            AddEntries(TarLayout.SparseHeaderEntries.In(block));
            isExtended = TarLayout.SparseHeaderIsExtended.In(block)[0] != 0;
        }

        entry.DataOffset = input.Position;
        Complete();
    }

    /// <summary>Whether the PAX records describe a sparse file.</summary>
    public static bool IsDescribedBy(PaxRecords records)
    {
        foreach (var record in records.All)
        {
            var key = record.Key.Span;
            if (key.SequenceEqual(PaxKeys.GnuSparseMajor) || key.SequenceEqual(PaxKeys.GnuSparseMinor)
                || key.SequenceEqual(PaxKeys.GnuSparseMap) || key.SequenceEqual(PaxKeys.GnuSparseOffset))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads the map from the PAX records, and for version 1.0 from the content. Completes the entry.</summary>
    public void ReadPax()
    {
        var records = entry.PaxRecords;
        // Most archives with the versions 0.0 and 0.1 have no record with the version.
        var major = records.Find(PaxKeys.GnuSparseMajor) is { } majorText ? Number(majorText.Span) : 0;
        var minor = records.Find(PaxKeys.GnuSparseMinor) is { } minorText ? Number(minorText.Span) : 0;
        if ((major, minor) is not ((0, 0) or (0, 1) or (1, 0))) throw Invalid($"its version {major}.{minor} is unknown");
        if (records.Find(PaxKeys.GnuSparseName) is { } name) entry.RawName = new(name.Span);
        if ((records.Find(PaxKeys.GnuSparseSize) ?? records.Find(PaxKeys.GnuSparseRealSize)) is { } size) entry.Size = Number(size.Span);
        if (major == 1) ReadMap10();
        else ReadMap0(records);
        Complete();
    }

    private void AddEntries(ReadOnlySpan<byte> entries)
    {
        for (; !entries.IsEmpty; entries = entries[TarLayout.SparseEntrySize..])
        {
            var offsetField = TarLayout.SparseOffset.In(entries);
            if (offsetField[0] == 0) return;
            if (!TarNumber.TryParse(offsetField, out var offset) || !TarNumber.TryParse(TarLayout.SparseNumBytes.In(entries), out var length))
            {
                throw Invalid("it has an entry that is not a number");
            }

            Add(offset, length);
        }
    }

    // Version 0.0 has a pair of records for each extent, version 0.1 has all numbers in one record.
    private void ReadMap0(PaxRecords records)
    {
        if (records.Find(PaxKeys.GnuSparseMap) is { } map) AddNumbers(map.Span);
        else AddPairs(records);
        var count = records.Find(PaxKeys.GnuSparseNumBlocks);
        if (count is null || Number(count.Value.Span) != _extents.Count) throw Invalid("its number of entries differs from the announced number");
    }

    private void AddNumbers(ReadOnlySpan<byte> map)
    {
        long? offset = null;
        foreach (var range in map.Split((byte)','))
        {
            var number = Number(map[range]);
            if (offset is not null) Add(offset.Value, number);
            offset = offset is null ? number : null;
        }

        if (offset is not null) throw Invalid("it has an offset without a length");
    }

    private void AddPairs(PaxRecords records)
    {
        long? offset = null;
        foreach (var record in records.All)
        {
            var isOffset = record.Key.Span.SequenceEqual(PaxKeys.GnuSparseOffset);
            if (!isOffset && !record.Key.Span.SequenceEqual(PaxKeys.GnuSparseNumBytes)) continue;
            if (isOffset != offset is null) throw Invalid("offsets and lengths do not alternate");
            var number = Number(record.Value.Span);
            if (offset is not null) Add(offset.Value, number);
            offset = isOffset ? number : null;
        }

        if (offset is not null) throw Invalid("it has an offset without a length");
    }

    // Version 1.0 stores the map before the content, as decimal lines that are padded to a whole block.
    private void ReadMap10()
    {
        Span<byte> block = stackalloc byte[TarLayout.BlockSize];
        Span<byte> token = stackalloc byte[MaximumTokenLength];
        var tokenLength = 0;
        long? count = null;
        long? offset = null;
        while (count is null || _extents.Count < count)
        {
            if (entry.StoredSize < TarLayout.BlockSize) throw Invalid("it is longer than the content");
            ReadBlock(block);
            entry.StoredSize -= TarLayout.BlockSize;
            entry.DataOffset += TarLayout.BlockSize;
            foreach (var value in block)
            {
                if (count is not null && _extents.Count == count) break;
                if (value != '\n')
                {
                    if (tokenLength == token.Length) throw Invalid("it has an entry that is not a number");
                    token[tokenLength++] = value;
                    continue;
                }

                var number = Number(token[..tokenLength]);
                tokenLength = 0;
                if (count is null) count = number <= MaximumExtents ? number : throw TooMany();
                else if (offset is null) offset = number;
                else
                {
                    Add(offset.Value, number);
                    offset = null;
                }
            }
        }
    }

    private void Add(long offset, long length)
    {
        if (_extents.Count == MaximumExtents) throw TooMany();
        if (offset < _end || length < 0 || Math.Max(length, offset) > MaximumSize)
            throw Invalid("its entries overlap, are not in ascending order, or are too large");
        _extents.Add(new(offset, length));
        _end = offset + length;
    }

    // GNU tar ends each map with an empty extent at the file's size. Empty extents have no other use, so they are dropped.
    private void Complete()
    {
        if (entry.Size is < 0 or > MaximumSize) throw Invalid($"the size {entry.Size} is impossible for a file");
        if (_end > entry.Size) throw Invalid("it extends beyond the end of the file");
        var stored = _extents.Sum(extent => extent.Length);
        if (stored != entry.StoredSize) throw Invalid($"it describes {stored} bytes of data, but the archive has {entry.StoredSize}");
        var sourceOffset = entry.DataOffset;
        var extents = new List<SourceExtent>(_extents.Count);
        foreach (var extent in _extents)
        {
            if (extent.Length > 0) extents.Add(new(extent.Offset, extent.Length, sourceOffset));
            sourceOffset += extent.Length;
        }

        entry.SparseExtents = extents;
    }

    private void ReadBlock(Span<byte> block)
    {
        var offset = input.Position;
        if (input.Read(block) < block.Length) throw errors.Truncated(offset, entry.RawName.Span, "the map of a sparse file");
    }

    private long Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long value, out var consumed) && consumed == text.Length && value >= 0
            ? value : throw Invalid("it has an entry that is not a number");

    private InputException TooMany() => Invalid($"it has more than {MaximumExtents} entries");

    private InputException Invalid(string why) => errors.At(entry, $"the map of a sparse file is invalid: {why}");
}
