namespace OverlayImg.Images.Compression.Gzip;

/// <summary>Combines the CRC-32 (RFC 1952, 8) of adjacent pieces, which are compressed at the same time.</summary>
internal static class CombinedCrc32
{
    private const uint Polynomial = 0xEDB88320;

    /// <param name="first">CRC-32 of the first piece.</param>
    /// <param name="second">CRC-32 of the second piece.</param>
    /// <param name="secondLength">Length of the second piece in bytes.</param>
    public static uint Of(uint first, uint second, long secondLength)
    {
        // A CRC is a remainder of polynomials: the first is multiplied by x to the power of the bits that follow.
        var power = 1u << 31;
        var square = 1u << 23; // x^8; the highest bit is the lowest power
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
}
