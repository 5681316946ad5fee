namespace OverlayImg.FileSystems.Tar;

/// <summary>Writes the fields that GNU and ustar headers have in common.</summary>
internal static class TarHeaderFields
{
    /// <summary>Writes names (cut to their fields), mode and type.</summary>
    public static void WriteCommon(Span<byte> block, TarMember member)
    {
        WriteText(TarLayout.Name.In(block), member.Name);
        TarNumber.FormatOctal(TarLayout.Mode.In(block), member.Permissions);
        TarLayout.TypeFlag.In(block)[0] = (byte)member.TypeFlag;
        WriteText(TarLayout.LinkName.In(block), member.LinkName);
        WriteText(TarLayout.Uname.In(block), member.Uname);
        WriteText(TarLayout.Gname.In(block), member.Gname);
    }

    public static void WriteDevice(Span<byte> block, TarMember member)
    {
        TarNumber.Format(TarLayout.DevMajor.In(block), member.DevMajor);
        TarNumber.Format(TarLayout.DevMinor.In(block), member.DevMinor);
    }

    private static void WriteText(Span<byte> field, ByteString text) => text.Span[..Math.Min(text.Length, field.Length)].CopyTo(field);
}
