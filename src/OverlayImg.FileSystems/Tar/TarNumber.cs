using System.Buffers.Binary;

namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Numbers in header fields: octal digits as in POSIX, or base 256 (big-endian two's complement, marked by the highest bit of the first
/// byte), which GNU tar writes for numbers that are too large for octal digits.
/// </summary>
internal static class TarNumber
{
    /// <summary>Parses a number. An empty field is 0, as for all readers. Returns false for any other form, or for more than 64 bits.</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, out long value) =>
        (field[0] & 0x80) != 0 ? TryParseBase256(field, out value) : TryParseOctal(field, out value);

    /// <summary>Parses octal digits after spaces and NULs. A space, a NUL or the end of the field must follow.</summary>
    public static bool TryParseOctal(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        var digits = field.TrimStart(" \0"u8);
        while (!digits.IsEmpty && digits[0] is >= (byte)'0' and <= (byte)'7')
        {
            if (value >> 60 != 0) return false;
            value = (value << 3) | (uint)(digits[0] - '0');
            digits = digits[1..];
        }

        return digits.IsEmpty || digits[0] is (byte)' ' or 0;
    }

    /// <summary>
    /// Whether <paramref name="value"/> fits into a field of <paramref name="fieldLength"/> bytes as octal digits and a NUL.
    /// </summary>
    public static bool FitsOctal(int fieldLength, long value) => value >= 0 && value >> (3 * (fieldLength - 1)) == 0;

    /// <summary>Writes octal digits and a NUL where the number fits, else base 256, as GNU tar does.</summary>
    public static void Format(Span<byte> field, long value)
    {
        if (FitsOctal(field.Length, value)) FormatOctal(field, value);
        else FormatBase256(field, value);
    }

    /// <summary>Writes octal digits with leading zeros, and a NUL.</summary>
    public static void FormatOctal(Span<byte> field, long value)
    {
        field[^1] = 0;
        for (var index = field.Length - 2; index >= 0; index--)
        {
            field[index] = (byte)('0' + (value & 7));
            value >>= 3;
        }
    }

    private static void FormatBase256(Span<byte> field, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        var length = Math.Min(field.Length - 1, bytes.Length);
        field.Fill(value < 0 ? (byte)0xFF : (byte)0);
        bytes[^length..].CopyTo(field[^length..]);
        field[0] = value < 0 ? (byte)0xFF : (byte)0x80;
    }

    private static bool TryParseBase256(ReadOnlySpan<byte> field, out long value)
    {
        // Bit 6 of the first byte is the sign. Bit 7 marks base 256 and counts as a copy of the sign.
        var sign = (field[0] & 0x40) != 0 ? (byte)0xFF : (byte)0;
        var first = (byte)(sign == 0 ? field[0] & 0x7F : field[0]);
        value = (sbyte)sign;
        for (var index = 0; index < field.Length; index++)
        {
            var shifted = value << 8;
            if (shifted >> 8 != value) return false;
            value = shifted | (index == 0 ? first : field[index]);
        }

        return true;
    }
}
