using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Writes headers like Python's <c>tarfile</c> with its defaults: ustar without a prefix. Texts that are too long or not ASCII, and numbers that
/// are too large, go to an extended header, whose records have a fixed order. Text that is not UTF-8 adds the record <c>hdrcharset=BINARY</c>.
/// </summary>
internal static class PythonHeaderWriter
{
    /// <summary>Writes the header of an entry, after an extended header where one is needed.</summary>
    public static void Write(TarMember member, BufferedOutput output)
    {
        var records = RecordsOf(member);
        if (!records.IsEmpty)
        {
            WriteBlock(
                new() { Name = PaxHeaderWriter.ExtendedHeaderName, TypeFlag = TarTypeFlag.ExtendedHeader, Size = records.Length }, output);
            output.Write(records);
            output.Pad(TarLayout.BlockSize);
        }

        WriteBlock(member, output);
    }

    private static ReadOnlySpan<byte> RecordsOf(TarMember member)
    {
        var texts = new List<(byte[] Key, ByteString Value)>();
        AddText(texts, PaxKeys.Path, TarLayout.Name, member.Name);
        AddText(texts, PaxKeys.LinkPath, TarLayout.LinkName, member.LinkName);
        AddText(texts, PaxKeys.Uname, TarLayout.Uname, member.Uname);
        AddText(texts, PaxKeys.Gname, TarLayout.Gname, member.Gname);
        var records = new ArrayBufferWriter<byte>();
        if (texts.Exists(text => !Utf8.IsValid(text.Value.Span))) PaxHeaderWriter.AppendRecord(records, "hdrcharset"u8, "BINARY"u8);
        foreach (var (key, value) in texts) PaxHeaderWriter.AppendRecord(records, key, value.Span);
        AddNumber(records, PaxKeys.Uid, TarLayout.Uid, member.Uid);
        AddNumber(records, PaxKeys.Gid, TarLayout.Gid, member.Gid);
        AddNumber(records, PaxKeys.Size, TarLayout.Size, member.Size);
        AddNumber(records, PaxKeys.Mtime, TarLayout.Mtime, member.ModificationTime.Seconds);
        return records.WrittenSpan;
    }

    private static void AddText(List<(byte[] Key, ByteString Value)> texts, ReadOnlySpan<byte> key, TarField field, ByteString value)
    {
        if (value.Length > field.Length || !Ascii.IsValid(value.Span)) texts.Add((key.ToArray(), value));
    }

    private static void AddNumber(ArrayBufferWriter<byte> records, ReadOnlySpan<byte> key, TarField field, long value)
    {
        if (TarNumber.FitsOctal(field.Length, value)) return;
        PaxHeaderWriter.AppendRecord(records, key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
    }

    private static void WriteBlock(TarMember member, BufferedOutput output)
    {
        Span<byte> block = stackalloc byte[TarLayout.BlockSize];
        block.Clear();
        TarHeaderFields.WriteCommon(block, member with
        {
            Name = PythonText.ToAscii(member.Name),
            LinkName = PythonText.ToAscii(member.LinkName),
            Uname = PythonText.ToAscii(member.Uname),
            Gname = PythonText.ToAscii(member.Gname),
        });
        PaxHeaderWriter.WriteNumber(block, TarLayout.Uid, member.Uid);
        PaxHeaderWriter.WriteNumber(block, TarLayout.Gid, member.Gid);
        PaxHeaderWriter.WriteNumber(block, TarLayout.Size, member.Size);
        PaxHeaderWriter.WriteNumber(block, TarLayout.Mtime, member.ModificationTime.Seconds);
        if (member.TypeFlag is TarTypeFlag.CharacterDevice or TarTypeFlag.BlockDevice) TarHeaderFields.WriteDevice(block, member);
        TarLayout.UstarMagic.CopyTo(TarLayout.Magic.In(block));
        TarLayout.UstarVersion.CopyTo(TarLayout.Version.In(block));
        TarChecksum.Set(block);
        output.Write(block);
    }
}
