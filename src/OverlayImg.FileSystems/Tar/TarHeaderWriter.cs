namespace OverlayImg.FileSystems.Tar;

/// <summary>Writes the headers of an entry in the chosen format.</summary>
internal static class TarHeaderWriter
{
    /// <summary>Checks the member and writes its headers.</summary>
    /// <exception cref="ArgumentException">The member has an impossible field.</exception>
    public static void Write(TarMember member, TarFormat format, BufferedOutput output)
    {
        Check(member, format);
        if (format == TarFormat.Python) PythonHeaderWriter.Write(member, output);
        else if (member.ExtendedAttributes.Count == 0) GnuHeaderWriter.Write(member, output);
        else PaxHeaderWriter.Write(member, output);
    }

    private static void Check(TarMember member, TarFormat format)
    {
        var ownerLength = Math.Max(member.Uname.Length, member.Gname.Length);
        var wrong =
            member.Name.IsEmpty || member.Name.Span.Contains((byte)0) ? "A name must have bytes, and no NUL." :
            member.LinkName.Span.Contains((byte)0) ? "A link's target can't have a NUL." :
            member.Size < 0 ? "A size can't be negative." :
            member.Permissions is < 0 or > 0xFFF ? "Permissions are 0 to 07777." :
            format == TarFormat.Gnu && ownerLength > TarLayout.Uname.Length ? "An owner's name has at most 32 bytes." :
            format == TarFormat.Python && member.ExtendedAttributes.Count > 0 ? "Python writes no extended attributes." : null;
        if (wrong is not null) throw new ArgumentException(wrong, nameof(member));
    }
}
