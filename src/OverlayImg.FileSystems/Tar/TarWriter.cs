namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Writes a tar archive entry by entry, to the byte as GNU tar 1.34 does in its default format: GNU magic, long names by
/// <c>././@LongLink</c>, large numbers in base 256. Entries with extended attributes, which that format can't carry, are written as
/// POSIX PAX entries, with everything that does not fit ustar in the records.
/// </summary>
/// <remarks>
/// The stream is not disposed of, and gets pieces of a mebibyte, where it is a file on another thread; only <see cref="Complete"/> and <see cref="Flush"/> hand on the
/// last one, and wait until it is written.
/// </remarks>
/// <param name="stream">Gets the archive.</param>
/// <param name="format">Whose headers are written.</param>
public sealed class TarWriter(Stream stream, TarFormat format = TarFormat.Gnu) : IDisposable
{
    private readonly BufferedOutput _output = new(stream);

    /// <summary>Bytes written so far: where the next entry begins.</summary>
    public long Position => _output.Position;

    /// <summary>Writes an entry with its content.</summary>
    /// <exception cref="ArgumentException">The member can't be written, or its size is not the content's.</exception>
    public void Write(TarMember member, FileContent content, CancellationToken cancellationToken)
    {
        if (content.Length != member.Size) throw new ArgumentException("The member's size is not that of its content.", nameof(member));
        WriteHeader(member);
        _output.Write(content, cancellationToken);
        _output.Pad(TarLayout.BlockSize);
    }

    /// <summary>Writes an entry with its content, which must be as long as the member says.</summary>
    /// <exception cref="ArgumentException">The member can't be written, or the stream ends early.</exception>
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

    /// <summary>Writes an entry without content, or with content of no bytes.</summary>
    /// <exception cref="ArgumentException">The member can't be written.</exception>
    public void Write(TarMember member) => Write(member, FileContent.Empty, CancellationToken.None);

    /// <summary>Hands on what was written so far.</summary>
    public void Flush() => _output.Flush();

    /// <summary>Writes the end marker and zeros up to a multiple of 10,240 bytes, and hands everything on.</summary>
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
