namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Writes a tar archive entry by entry, with the same bytes as GNU tar 1.34 in its default format: GNU magic, long names by
/// <c>././@LongLink</c>, large numbers in base 256. Entries with extended attributes, which that format lacks, become PAX entries, with
/// records for everything that does not fit into ustar.
/// </summary>
/// <remarks>
/// The writer does not dispose of the stream. It buffers a mebibyte, and writes to a file on another thread. Only <see cref="Complete"/> and
/// <see cref="Flush"/> write the last part and wait until the stream has all bytes.
/// </remarks>
/// <param name="stream">The stream that gets the archive.</param>
/// <param name="format">The format of the headers.</param>
public sealed class TarWriter(Stream stream, TarFormat format = TarFormat.Gnu) : IDisposable
{
    private readonly BufferedOutput _output = new(stream);

    /// <summary>Number of bytes written so far, which is the offset of the next entry.</summary>
    public long Position => _output.Position;

    /// <summary>Writes an entry with its content.</summary>
    /// <exception cref="ArgumentException">The member has an impossible field, or its size is not the content's length.</exception>
    public void Write(TarMember member, FileContent content, CancellationToken cancellationToken)
    {
        if (content.Length != member.Size) throw new ArgumentException("The member's size is not that of its content.", nameof(member));
        WriteHeader(member);
        _output.Write(content, cancellationToken);
        _output.Pad(TarLayout.BlockSize);
    }

    /// <summary>Writes an entry with content from a stream, which must have as many bytes as the member's size.</summary>
    /// <exception cref="ArgumentException">The member has an impossible field, or the stream ends early.</exception>
    public void Write(TarMember member, Stream content, CancellationToken cancellationToken)
    {
        WriteHeader(member);
        for (var remaining = member.Size; remaining > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var room = _output.Free;
            var count = content.Read(remaining < room.Length ? room[..(int)remaining] : room);
            if (count == 0) throw new ArgumentException($"The content ends {remaining} bytes before the size that the member has.", nameof(content));
            _output.Advance(count);
            remaining -= count;
        }

        _output.Pad(TarLayout.BlockSize);
    }

    /// <summary>Writes an entry without content.</summary>
    /// <exception cref="ArgumentException">The member has an impossible field, or its size is not 0.</exception>
    public void Write(TarMember member) => Write(member, FileContent.Empty, CancellationToken.None);

    /// <summary>Writes all buffered bytes to the stream and waits until it has them.</summary>
    public void Flush() => _output.Flush();

    /// <summary>Writes the end marker and zeros up to a multiple of 10,240 bytes, and flushes.</summary>
    public void Complete()
    {
        _output.WriteZeros(TarLayout.EndMarkerSize);
        _output.Pad(TarLayout.RecordSize);
        _output.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();

    private void WriteHeader(TarMember member) => TarHeaderWriter.Write(member, format, _output);
}
