using System.Buffers;
using System.Globalization;
using System.Text;

namespace OverlayImg.FileSystems.Tar;

/// <summary>Writes POSIX pax headers: an extended header with the records that the entry needs, sorted by keyword, and a ustar header.</summary>
internal static class PaxHeaderWriter
{
    /// <summary>The name of an extended header, which Python's <c>tarfile</c> uses, too.</summary>
    // GNU tar's name has the entry's name and a process ID. A process ID would make archives of equal trees differ, and no reader uses the name.
    public static readonly ByteString ExtendedHeaderName = new("././@PaxHeader"u8);

    /// <summary>Writes the extended header and the header of an entry.</summary>
    public static void Write(TarMember member, BufferedOutput output)
    {
        var records = RecordsOf(member);
        WriteBlock(new()
        {
            Name = ExtendedHeaderName,
            TypeFlag = TarTypeFlag.ExtendedHeader,
            Permissions = 0x1A4 /* 0644 */,
            Size = records.Length,
        }, output);
        output.Write(records);
        output.Pad(TarLayout.BlockSize);
        WriteBlock(member, output);
    }

    private static ReadOnlySpan<byte> RecordsOf(TarMember member)
    {
        var records = new SortedDictionary<ByteString, ByteString>();
        foreach (var (name, value) in member.ExtendedAttributes)
        {
            var key = new ArrayBufferWriter<byte>();
            key.Write(PaxKeys.SchilyXattr);
            PaxAttributes.AppendEscapedName(name.Span, key);
            records[new(key.WrittenSpan)] = value;
        }

        if (member.Name.Length > TarLayout.Name.Length) records[new(PaxKeys.Path)] = member.Name;
        if (member.LinkName.Length > TarLayout.LinkName.Length) records[new(PaxKeys.LinkPath)] = member.LinkName;
        AddNumber(records, PaxKeys.Size, TarLayout.Size, member.Size);
        AddNumber(records, PaxKeys.Uid, TarLayout.Uid, member.Uid);
        AddNumber(records, PaxKeys.Gid, TarLayout.Gid, member.Gid);
        AddNumber(records, PaxKeys.Mtime, TarLayout.Mtime, member.ModificationTime.Seconds);
        var output = new ArrayBufferWriter<byte>();
        foreach (var (key, value) in records) AppendRecord(output, key.Span, value.Span);
        return output.WrittenSpan;
    }

    private static void AddNumber(SortedDictionary<ByteString, ByteString> records, ReadOnlySpan<byte> key, TarField field, long value)
    {
        if (!TarNumber.FitsOctal(field.Length, value)) records[new(key)] = ByteString.FromText(value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Appends a record: its length, keyword and value.</summary>
    public static void AppendRecord(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        // The length includes its own digits, and one more digit can make the number longer.
        var rest = key.Length + value.Length + " =\n".Length;
        var length = rest + DigitsOf(rest);
        length = rest + DigitsOf(length);
        output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} ")));
        output.Write(key);
        output.Write("="u8);
        output.Write(value);
        output.Write("\n"u8);
    }

    private static int DigitsOf(int number) => number.ToString(CultureInfo.InvariantCulture).Length;

    private static void WriteBlock(TarMember member, BufferedOutput output)
    {
        Span<byte> block = stackalloc byte[TarLayout.BlockSize];
        block.Clear();
        TarHeaderFields.WriteCommon(block, member);
        TarHeaderFields.WriteDevice(block, member);
        WriteNumber(block, TarLayout.Uid, member.Uid);
        WriteNumber(block, TarLayout.Gid, member.Gid);
        WriteNumber(block, TarLayout.Size, member.Size);
        WriteNumber(block, TarLayout.Mtime, member.ModificationTime.Seconds);
        TarLayout.UstarMagic.CopyTo(TarLayout.Magic.In(block));
        TarLayout.UstarVersion.CopyTo(TarLayout.Version.In(block));
        TarChecksum.Set(block);
        output.Write(block);
    }

    /// <summary>Writes a number to a header field, or 0 where the number needs a record, as GNU tar, Go and Python do.</summary>
    public static void WriteNumber(Span<byte> block, TarField field, long value) =>
        TarNumber.FormatOctal(field.In(block), TarNumber.FitsOctal(field.Length, value) ? value : 0);
}
