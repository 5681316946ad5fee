namespace OverlayImg.FileSystems;

/// <summary>A part of a file that holds data; what lies between such parts reads as zeros.</summary>
/// <param name="Offset">Byte offset in the file.</param>
/// <param name="Length">Number of bytes, at least 1.</param>
public readonly record struct DataExtent(long Offset, long Length);

/// <summary>
/// A reference to the bytes of a regular file, wherever they lie: in an archive, on a disk image, in a file of the host. Reading is
/// random-access and thread-safe; nothing is held in memory. Usable as long as the source that it points into is open.
/// </summary>
public abstract class FileContent
{
    /// <summary>The content of an empty file.</summary>
    public static FileContent Empty { get; } = new MemoryContent(default);

    /// <summary>Size of the file in bytes, holes included.</summary>
    public abstract long Length { get; }

    /// <summary>The parts that hold data, ascending and not overlapping. A file without holes has one (or none, when empty).</summary>
    public virtual IEnumerable<DataExtent> DataExtents => Length == 0 ? [] : [new(0, Length)];

    /// <summary>Fills all of <paramref name="buffer"/> from <paramref name="offset"/> on; holes read as zeros.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie within the file.</exception>
    /// <exception cref="InputException">The source ends early or changed since it was described.</exception>
    public void Read(long offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - buffer.Length);
        ReadCore(offset, buffer);
    }

    /// <summary>As <see cref="Read"/>, the range being checked already.</summary>
    protected abstract void ReadCore(long offset, Span<byte> buffer);
}
