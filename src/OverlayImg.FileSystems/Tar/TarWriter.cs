namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Writes a tar archive entry by entry, to the byte as GNU tar 1.34 does in its default format: GNU magic, long names by
/// <c>././@LongLink</c>, large numbers in base 256. Entries with extended attributes, which that format can't carry, are written as
/// POSIX PAX entries, with everything that does not fit ustar in the records.
/// </summary>
/// <remarks>The stream is not disposed of, and gets pieces of a mebibyte; only <see cref="Complete"/> and <see cref="Flush"/> hand on the last one.</remarks>
public sealed class TarWriter(Stream stream)
{
    // GNU tar's blocking factor of 20.
    private const int RecordSize = 20 * TarLayout.BlockSize;

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
        _output.WriteZeros(2 * TarLayout.BlockSize);
        _output.Pad(RecordSize);
        _output.Flush();
    }

    private void WriteHeader(TarMember member)
    {
        Check(member);
        if (member.ExtendedAttributes.Count == 0) GnuHeaderWriter.Write(member, _output);
        else PaxHeaderWriter.Write(member, _output);
    }

    private static void Check(TarMember member)
    {
        var ownerLength = Math.Max(member.Uname.Length, member.Gname.Length);
        var wrong =
            member.Name.IsEmpty || member.Name.Span.Contains((byte)0) ? "A name must have bytes, and no NUL." :
            member.LinkName.Span.Contains((byte)0) ? "A link's target can't have a NUL." :
            member.Size < 0 ? "A size can't be negative." :
            member.Permissions is < 0 or > 0xFFF ? "Permissions are 0 to 07777." :
            ownerLength > TarLayout.Uname.Length ? "An owner's name has at most 32 bytes." : null;
        if (wrong is not null) throw new ArgumentException(wrong, nameof(member));
    }
}
