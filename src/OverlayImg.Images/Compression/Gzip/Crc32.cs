using System.Buffers.Binary;

namespace OverlayImg.Images;

/// <summary>The CRC-32 of gzip (RFC 1952, 8), eight bytes at a time, and that of two pieces joined, which are then computed at once.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Slices = 8;
    private static readonly uint[][] Tables = MakeTables();

    /// <summary>The CRC-32 of <paramref name="bytes"/>.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= Slices; bytes = bytes[Slices..])
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = Tables[7][low & 0xFF] ^ Tables[6][(low >> 8) & 0xFF] ^ Tables[5][(low >> 16) & 0xFF] ^ Tables[4][low >> 24]
                ^ Tables[3][high & 0xFF] ^ Tables[2][(high >> 8) & 0xFF] ^ Tables[1][(high >> 16) & 0xFF] ^ Tables[0][high >> 24];
        }

        foreach (var value in bytes) crc = (crc >> 8) ^ Tables[0][(crc ^ value) & 0xFF];
        return ~crc;
    }

    /// <summary>The CRC-32 of two pieces, one behind the other.</summary>
    /// <param name="first">That of the first piece.</param>
    /// <param name="second">That of the second.</param>
    /// <param name="secondLength">Number of bytes of the second.</param>
    public static uint Combine(uint first, uint second, long secondLength)
    {
        // A CRC is a remainder of polynomials: the first piece is multiplied by x to the power of the bits that follow it.
        var power = 1u << 31;
        var square = 1u << 23; // x^8, the lowest power being the highest bit
        for (; secondLength > 0; secondLength >>= 1, square = Multiply(square, square))
        {
            if ((secondLength & 1) != 0) power = Multiply(power, square);
        }

        return Multiply(first, power) ^ second;
    }

    private static uint Multiply(uint left, uint right)
    {
        var product = 0u;
        for (; left != 0; left <<= 1)
        {
            if ((left & (1u << 31)) != 0) product ^= right;
            right = (right & 1) != 0 ? (right >> 1) ^ Polynomial : right >> 1;
        }

        return product;
    }

    private static uint[][] MakeTables()
    {
        var tables = new uint[Slices][];
        for (var slice = 0; slice < Slices; slice++)
        {
            tables[slice] = new uint[256];
            for (var value = 0u; value < 256; value++)
            {
                var crc = slice == 0 ? value : tables[slice - 1][value];
                for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
                tables[slice][value] = crc;
            }
        }

        return tables;
    }
}
