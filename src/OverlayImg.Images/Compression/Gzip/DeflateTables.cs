using System.Numerics;

namespace OverlayImg.Images.Compression.Gzip;

/// <summary>The alphabets of deflate (RFC 1951, 3.2.5 and 3.2.7).</summary>
internal static class DeflateTables
{
    public const int MinimumMatch = 3;
    public const int MaximumMatch = 258;
    public const int WindowSize = 1 << 15;

    public const int EndOfBlock = 256;
    public const int FirstLengthSymbol = 257;
    public const int LiteralLengthSymbols = 286;
    public const int DistanceSymbols = 30;
    public const int CodeLengthSymbols = 19;

    /// <summary>The length symbol of each match length, minus <see cref="FirstLengthSymbol"/>.</summary>
    public static readonly byte[] LengthSymbols = new byte[MaximumMatch + 1];

    /// <summary>The shortest length of each length symbol.</summary>
    public static readonly ushort[] LengthBases = new ushort[LiteralLengthSymbols - FirstLengthSymbol];

    /// <summary>The number of extra bits of each length symbol.</summary>
    public static readonly byte[] LengthExtraBits = new byte[LiteralLengthSymbols - FirstLengthSymbol];

    /// <summary>The shortest distance of each distance symbol.</summary>
    public static readonly ushort[] DistanceBases = new ushort[DistanceSymbols];

    static DeflateTables()
    {
        var length = MinimumMatch;
        for (var symbol = 0; symbol < LengthBases.Length; symbol++)
        {
            LengthBases[symbol] = (ushort)length;
            LengthExtraBits[symbol] = (byte)(symbol < 8 ? 0 : (symbol - 4) / 4);
            for (var end = Math.Min(length + (1 << LengthExtraBits[symbol]), MaximumMatch + 1); length < end; length++)
                LengthSymbols[length] = (byte)symbol;
        }

        // The longest match has its own symbol without extra bits.
        LengthBases[^1] = MaximumMatch;
        LengthExtraBits[^1] = 0;
        LengthSymbols[MaximumMatch] = (byte)(LengthBases.Length - 1);
        for (var symbol = 0; symbol < DistanceSymbols; symbol++)
        {
            var extra = DistanceExtraBits(symbol);
            DistanceBases[symbol] = (ushort)(symbol < 2 ? symbol + 1 : ((2 + (symbol & 1)) << extra) + 1);
        }
    }

    /// <summary>The order in which the lengths of the code length code are written.</summary>
    public static ReadOnlySpan<byte> CodeLengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>Returns the number of extra bits of a distance symbol.</summary>
    public static int DistanceExtraBits(int symbol) => symbol < 4 ? 0 : (symbol - 2) >> 1;

    /// <summary>Returns the symbol of a distance from 1 to 32,768.</summary>
    public static int DistanceSymbol(int distance)
    {
        if (distance < 3) return distance - 1;
        var log = BitOperations.Log2((uint)(distance - 1));
        return (2 * log) + (((distance - 1) >> (log - 1)) & 1);
    }
}
