namespace OverlayImg.FileSystems.Tar;

/// <summary>Headers in GNU tar's default format, <c>--format=gnu</c>.</summary>
internal static class GnuHeaderWriter
{
    private static readonly ByteString Root = new("root"u8);

    /// <summary>Writes the header of an entry, and those of its long names before it.</summary>
    public static void Write(TarMember member, BufferedOutput output)
    {
        // In this order: GNU tar learns of a link's target before it starts on the header proper.
        if (member.LinkName.Length > TarLayout.LinkName.Length) WriteLongName(TarTypeFlag.GnuLongLink, member.LinkName, output);
        if (member.Name.Length > TarLayout.Name.Length) WriteLongName(TarTypeFlag.GnuLongName, member.Name, output);
        WriteBlock(member, output);
    }

    private static void WriteLongName(TarTypeFlag type, ByteString name, BufferedOutput output)
    {
        // Everything in it is fixed: GNU tar gives it root's names and no time even when the entry gets others.
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
        // The fields of other entries stay empty, unlike in ustar.
        if (member.TypeFlag is TarTypeFlag.CharacterDevice or TarTypeFlag.BlockDevice) TarHeaderFields.WriteDevice(block, member);
        TarChecksum.Set(block);
        output.Write(block);
    }
}
