using Microsoft.Win32.SafeHandles;

namespace OverlayImg.FileSystems.Files;

/// <summary>
/// Bytes that are open for random access: a file of the host (an archive, a layer, a disk image), or content that lies in such a file in pieces.
/// </summary>
public sealed class ByteSource : IDisposable
{
    private readonly SafeFileHandle? _handle;
    private readonly FileContent? _content;
    private readonly DateTime _modified;

    /// <summary>Takes over <paramref name="handle"/>.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="handle">Open for reading.</param>
    public ByteSource(string name, SafeFileHandle handle)
    {
        Name = name;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
        _modified = File.GetLastWriteTimeUtc(handle);
    }

    /// <summary>A view of <paramref name="content"/>. Usable as long as the file that the content lies in is open.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="content">The bytes.</param>
    public ByteSource(string name, FileContent content) => (Name, _content, Length) = (name, content, content.Length);

    /// <summary>What messages call it, usually the path the user gave.</summary>
    public string Name { get; }

    /// <summary>The file of the host; null for a view of content.</summary>
    internal SafeFileHandle? Handle => _handle;

    /// <summary>Size in bytes at the time it was opened.</summary>
    public long Length { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="InputException">There is no such file, it can't be read, or it has no length, as a pipe.</exception>
    public static ByteSource Open(string path)
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw InputFile.CantBeOpened(path, exception);
        }

        try
        {
            return new(path, handle);
        }
        catch (NotSupportedException exception)
        {
            handle.Dispose();
            throw new InputException("is a pipe or a device, and is read at more than one place", new(path), exception) { Advice = "Save it to a file first." };
        }
    }

    /// <summary>Fills all of <paramref name="buffer"/>.</summary>
    /// <exception cref="InputException">The file ends before the range does.</exception>
    public void Read(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = ReadSome(offset, buffer);
            if (count == 0) throw new InputException("ends early: it is truncated, or was while we read it", new(Name, Offset: offset));
            buffer = buffer[count..];
            offset += count;
        }
    }

    /// <summary>Reads up to <paramref name="buffer"/>'s length; 0 at the end.</summary>
    public int ReadSome(long offset, Span<byte> buffer)
    {
        if (_content is null) return RandomAccess.Read(_handle!, buffer, offset);
        var count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        _content.Read(offset, buffer[..count]);
        return count;
    }

    /// <summary>Refuses a file that was written to since it was opened: what was verified may be other bytes than what was used.</summary>
    /// <exception cref="InputException">The file's size or the time of its last change is another.</exception>
    public void RequireUnchanged()
    {
        if (_handle is null || (RandomAccess.GetLength(_handle) == Length && File.GetLastWriteTimeUtc(_handle) == _modified)) return;
        throw new InputException("was changed while it was read", new(Name)) { Advice = "Run again when no other program writes to it." };
    }

    /// <inheritdoc/>
    public void Dispose() => _handle?.Dispose();
}
