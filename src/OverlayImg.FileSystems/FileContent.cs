namespace OverlayImg.FileSystems;

/// <summary>A range of a file that holds data. The bytes between such ranges are holes and read as zeros.</summary>
/// <param name="Offset">Byte offset in the file.</param>
/// <param name="Length">Number of bytes, at least 1.</param>
public readonly record struct DataExtent(long Offset, long Length);

/// <summary>
/// A reference to the bytes of a regular file in an archive, on a disk image or in a file of the host. Reading is random-access and
/// thread-safe, and keeps nothing in memory. The reference is valid while its source is open.
/// </summary>
public abstract class FileContent
{
    /// <summary>The content of an empty file.</summary>
    public static FileContent Empty { get; } = new MemoryContent(default);

    /// <summary>Size of the file in bytes, holes included.</summary>
    public abstract long Length { get; }

    /// <summary>The ranges that hold data, ascending and not overlapping. A file without holes has one range, an empty file none.</summary>
    public virtual IEnumerable<DataExtent> DataExtents => Length == 0 ? [] : [new(0, Length)];

    /// <summary>Fills all of <paramref name="buffer"/> with the bytes from <paramref name="offset"/> on. Holes read as zeros.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range exceeds the file.</exception>
    /// <exception cref="InputException">The source is too short, or it changed after it was scanned.</exception>
    public void Read(long offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - buffer.Length);
        ReadCore(offset, buffer);
    }

    /// <summary>Does the work of <see cref="Read"/>. The range is valid.</summary>
    protected abstract void ReadCore(long offset, Span<byte> buffer);
}
