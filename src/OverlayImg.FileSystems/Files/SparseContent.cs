namespace OverlayImg.FileSystems.Files;

/// <summary>A data range of a sparse file, with its location in the source.</summary>
/// <param name="Offset">Byte offset in the file.</param>
/// <param name="Length">Number of bytes, at least 1.</param>
/// <param name="SourceOffset">Byte offset of the data in the source.</param>
public readonly record struct SourceExtent(long Offset, long Length, long SourceOffset);

/// <summary>Content in several ranges of a <see cref="ByteSource"/>, with holes between them: a file on a disk image, or a sparse
/// file in a tar.</summary>
public sealed class SparseContent : FileContent
{
    private readonly ByteSource _source;
    private readonly SourceExtent[] _extents;

    /// <summary>Makes content from a map of its data ranges.</summary>
    /// <param name="source">The source that has the data.</param>
    /// <param name="length">File size in bytes, holes included.</param>
    /// <param name="extents">The data ranges: ascending, not overlapping, within the file.</param>
    public SparseContent(ByteSource source, long length, SourceExtent[] extents)
    {
        var end = 0L;
        foreach (var extent in extents)
        {
            if (extent.Length <= 0 || extent.Offset < end || extent.Offset > length - extent.Length)
                throw new ArgumentException("The data ranges overlap, are not in ascending order, or exceed the file.", nameof(extents));
            end = extent.Offset + extent.Length;
        }

        (_source, Length, _extents) = (source, length, extents);
    }

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override IEnumerable<DataExtent> DataExtents => _extents.Select(extent => new DataExtent(extent.Offset, extent.Length));

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        buffer.Clear();
        var end = offset + buffer.Length;
        for (var index = FirstEndingAfter(offset); index < _extents.Length && _extents[index].Offset < end; index++)
        {
            var extent = _extents[index];
            var from = Math.Max(extent.Offset, offset);
            var to = Math.Min(extent.Offset + extent.Length, end);
            _source.Read(extent.SourceOffset + (from - extent.Offset), buffer[(int)(from - offset)..(int)(to - offset)]);
        }
    }

    private int FirstEndingAfter(long offset)
    {
        var (low, high) = (0, _extents.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_extents[middle].Offset + _extents[middle].Length > offset) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}
