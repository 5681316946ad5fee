using System.Globalization;
using System.Text;

namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>Builds archives block by block, also archives that no program writes. It uses no code under test.</summary>
internal sealed class RawTar
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    /// <summary>Appends a header. It is a ustar header, unless <paramref name="change"/> modifies the block.</summary>
    public RawTar Header(
        string name, char type = '0', long size = 0, string link = "", Action<byte[]>? change = null, Func<byte[], int>? checksum = null)
    {
        var block = new byte[512];
        Latin1(name).CopyTo(block, 0);
        Octal(block, 100, 8, 0x1A4);
        Octal(block, 108, 8, 0);
        Octal(block, 116, 8, 0);
        Octal(block, 124, 12, size);
        Octal(block, 136, 12, 1);
        block[156] = (byte)type;
        Latin1(link).CopyTo(block, 157);
        Latin1("ustar\0" + "00").CopyTo(block, 257);
        change?.Invoke(block);
        block.AsSpan(148, 8).Fill((byte)' ');
        Octal(block, 148, 7, (checksum ?? (bytes => bytes.Sum(value => value)))(block));
        _bytes.AddRange(block);
        return this;
    }

    /// <summary>Appends content, padded to whole blocks.</summary>
    public RawTar Data(byte[] content)
    {
        _bytes.AddRange(content);
        _bytes.AddRange(new byte[(512 - (content.Length % 512)) % 512]);
        return this;
    }

    public RawTar Data(string content) => Data(Latin1(content));

    /// <summary>Appends a regular file.</summary>
    public RawTar File(string name, string content = "") => Header(name, '0', content.Length).Data(content);

    /// <summary>Appends an extended header with records of the form <c>key=value</c>.</summary>
    public RawTar Pax(params string[] records) => Extended('x', records);

    public RawTar Extended(char type, params string[] records)
    {
        var content = string.Concat(records.Select(Record));
        return Header("pax", type, content.Length).Data(content);
    }

    /// <summary>Appends a GNU long name (L) or long link (K).</summary>
    public RawTar Long(char type, string name) => Header("././@LongLink", type, name.Length + 1).Data(name + "\0");

    /// <summary>Appends the end marker and returns the archive.</summary>
    public byte[] End()
    {
        _bytes.AddRange(new byte[1024]);
        return Bytes;
    }

    public static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    public static void Octal(byte[] block, int offset, int length, long value) =>
        Latin1(Convert.ToString(value, 8).PadLeft(length - 1, '0') + "\0").CopyTo(block, offset);

    private static string Record(string text)
    {
        // The length includes its own digits, the space and the newline.
        var digits = 1;
        while ((text.Length + 2 + digits).ToString(CultureInfo.InvariantCulture).Length > digits) digits++;
        return $"{text.Length + 2 + digits} {text}\n";
    }
}
