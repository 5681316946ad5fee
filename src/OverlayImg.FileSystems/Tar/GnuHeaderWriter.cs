namespace OverlayImg.FileSystems.Tar;

/// <summary>Writes headers in GNU tar's default format (<c>--format=gnu</c>).</summary>
internal static class GnuHeaderWriter
{
    private static readonly ByteString Root = new("root"u8);

    /// <summary>Writes the header of an entry, after the headers of its long names.</summary>
    public static void Write(TarMember member, BufferedOutput output)
    {
        // GNU tar's order: the link target precedes the name.
        if (member.LinkName.Length > TarLayout.LinkName.Length) WriteLongName(TarTypeFlag.GnuLongLink, member.LinkName, output);
        if (member.Name.Length > TarLayout.Name.Length) WriteLongName(TarTypeFlag.GnuLongName, member.Name, output);
        WriteBlock(member, output);
    }

    private static void WriteLongName(TarTypeFlag type, ByteString name, BufferedOutput output)
    {
        // GNU tar writes fixed metadata here, whatever the entry has: owner and group root, no time.
        WriteBlock(new()
        {
            Name = new("././@LongLink"u8),
            TypeFlag = type,
            Permissions = 0x1A4 /* 0644 */,
            Size = name.Length + 1,
            Uname = Root,
            Gname = Root,
        }, output);
        output.Write(name.Span);
        output.WriteZeros(1);
        output.Pad(TarLayout.BlockSize);
    }

    private static void WriteBlock(TarMember member, BufferedOutput output)
    {
        Span<byte> block = stackalloc byte[TarLayout.BlockSize];
        block.Clear();
        TarHeaderFields.WriteCommon(block, member);
        TarNumber.Format(TarLayout.Uid.In(block), member.Uid);
        TarNumber.Format(TarLayout.Gid.In(block), member.Gid);
        TarNumber.Format(TarLayout.Size.In(block), member.Size);
        TarNumber.Format(TarLayout.Mtime.In(block), member.ModificationTime.Seconds);
        TarLayout.GnuMagic.CopyTo(TarLayout.Magic.In(block));
        TarLayout.GnuVersion.CopyTo(TarLayout.Version.In(block));
        // For other types GNU tar leaves the device fields empty; ustar has zeros there.
        if (member.TypeFlag is TarTypeFlag.CharacterDevice or TarTypeFlag.BlockDevice) TarHeaderFields.WriteDevice(block, member);
        TarChecksum.Set(block);
        output.Write(block);
    }
}
