using Microsoft.Win32.SafeHandles;

namespace OverlayImg.FileSystems.Files;

/// <summary>
/// A sequence of bytes with random access: a file of the host (an archive, a layer, a disk image), or file content inside another source.
/// </summary>
public sealed class ByteSource : IDisposable
{
    private readonly SafeFileHandle? _handle;
    private readonly FileContent? _content;
    private readonly DateTime _modified;

    /// <summary>Makes a source of an open file and takes ownership of <paramref name="handle"/>.</summary>
    /// <param name="name">The name for messages.</param>
    /// <param name="handle">A handle that is open for reading.</param>
    public ByteSource(string name, SafeFileHandle handle)
    {
        Name = name;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
        _modified = File.GetLastWriteTimeUtc(handle);
    }

    /// <summary>Makes a view of <paramref name="content"/>, which is valid while the content's own source is open.</summary>
    /// <param name="name">The name for messages.</param>
    /// <param name="content">The bytes of the view.</param>
    public ByteSource(string name, FileContent content) => (Name, _content, Length) = (name, content, content.Length);

    /// <summary>The name for messages, usually the path that the user gave.</summary>
    public string Name { get; }

    /// <summary>The handle of the host's file; null for a view of content.</summary>
    internal SafeFileHandle? Handle => _handle;

    /// <summary>Size in bytes when the source was opened.</summary>
    public long Length { get; }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="InputException">The file does not exist, can't be read, or allows no random access (a pipe).</exception>
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
            throw new InputException("is a pipe or a device, which allows no random access", new(path), exception)
            {
                Advice = "Save the data to a file first.",
            };
        }
    }

    /// <summary>Fills all of <paramref name="buffer"/> with the bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="InputException">The source ends before the range does.</exception>
    public void Read(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = ReadSome(offset, buffer);
            if (count == 0)
                throw new InputException("ends early: the file is truncated, or was truncated while it was read", new(Name, Offset: offset));
            buffer = buffer[count..];
            offset += count;
        }
    }

    /// <summary>Reads up to <paramref name="buffer"/>'s length. Returns the number of bytes, which is 0 only at the end.</summary>
    public int ReadSome(long offset, Span<byte> buffer)
    {
        if (_content is null) return RandomAccess.Read(_handle!, buffer, offset);
        var count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        _content.Read(offset, buffer[..count]);
        return count;
    }

    /// <summary>Checks that nobody wrote to the file since it was opened. After a change, verified bytes and used bytes may differ.</summary>
    /// <exception cref="InputException">The file's size or modification time changed.</exception>
    public void RequireUnchanged()
    {
        if (_handle is null || (RandomAccess.GetLength(_handle) == Length && File.GetLastWriteTimeUtc(_handle) == _modified)) return;
        throw new InputException("was changed while it was read", new(Name)) { Advice = "Run again when no other program writes to the file." };
    }

    /// <inheritdoc/>
    public void Dispose() => _handle?.Dispose();
}
