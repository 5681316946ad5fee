namespace OverlayImg.Images.Compression.Gzip;

/// <summary>A deflate block: collects and counts literals and matches, and writes them with Huffman codes that fit them.</summary>
internal sealed class DeflateBlock
{
    private const int Capacity = 1 << 15;

    /// <summary>The most bytes of a stored block (RFC 1951, 3.2.4).</summary>
    private const int MaximumStored = 0xFFFF;

    private const int LengthShift = 16;
    private const uint DistanceMask = 0xFFFF;

    /// <summary>A literal as its value, or a match as its length in the upper half and its distance - 1 in the lower half.</summary>
    private readonly uint[] _tokens = new uint[Capacity];
    private readonly int[] _literalLengthCounts = new int[DeflateTables.LiteralLengthSymbols];
    private readonly int[] _distanceCounts = new int[DeflateTables.DistanceSymbols];
    private readonly HuffmanCode _literalLengths = new(DeflateTables.LiteralLengthSymbols, 15);
    private readonly HuffmanCode _distances = new(DeflateTables.DistanceSymbols, 15);
    private readonly CodeLengths _codeLengths = new();
    private int _count;

    public bool IsFull => _count == Capacity;

    public bool IsEmpty => _count == 0;

    public void AddLiteral(byte value)
    {
        _tokens[_count++] = value;
        _literalLengthCounts[value]++;
    }

    public void AddMatch(int length, int distance)
    {
        _tokens[_count++] = ((uint)length << LengthShift) | (uint)(distance - 1);
        _literalLengthCounts[DeflateTables.FirstLengthSymbol + DeflateTables.LengthSymbols[length]]++;
        _distanceCounts[DeflateTables.DistanceSymbol(distance)]++;
    }

    /// <summary>Writes the block and starts the next one.</summary>
    /// <param name="source">The bytes that the tokens encode; they are stored if compression does not make them shorter.</param>
    public void Write(ReadOnlySpan<byte> source, BitWriter output)
    {
        _literalLengthCounts[DeflateTables.EndOfBlock] = 1;
        _literalLengths.Build(_literalLengthCounts);
        _distances.Build(_distanceCounts);
        _codeLengths.Build(_literalLengths.Lengths, _distances.Lengths);
        var bits = 3 + _codeLengths.Bits + BodyBits();
        var storedBits = 8L * (source.Length + (5 * ((source.Length + MaximumStored - 1) / MaximumStored)));
        output.Reserve((int)(Math.Min(bits, storedBits) / 8) + 8);
        if (bits < storedBits) WriteDynamic(output);
        else WriteStored(source, output);
        Array.Clear(_literalLengthCounts);
        Array.Clear(_distanceCounts);
        _count = 0;
    }

    /// <summary>Writes an empty stored block, after which the output is at a byte boundary.</summary>
    public static void WriteSync(BitWriter output)
    {
        output.Reserve(8);
        WriteStoredHeader(0, output);
    }

    private long BodyBits()
    {
        var bits = 0L;
        for (var symbol = 0; symbol < _literalLengthCounts.Length; symbol++)
        {
            var extra = symbol >= DeflateTables.FirstLengthSymbol ? DeflateTables.LengthExtraBits[symbol - DeflateTables.FirstLengthSymbol] : 0;
            bits += (long)_literalLengthCounts[symbol] * (_literalLengths.Lengths[symbol] + extra);
        }

        for (var symbol = 0; symbol < _distanceCounts.Length; symbol++)
            bits += (long)_distanceCounts[symbol] * (_distances.Lengths[symbol] + DeflateTables.DistanceExtraBits(symbol));
        return bits;
    }

    private static void WriteStored(ReadOnlySpan<byte> source, BitWriter output)
    {
        while (!source.IsEmpty)
        {
            var part = source[..Math.Min(source.Length, MaximumStored)];
            WriteStoredHeader(part.Length, output);
            output.Write(part);
            source = source[part.Length..];
        }
    }

    private static void WriteStoredHeader(int length, BitWriter output)
    {
        output.Write(0b000, 3);
        output.Align();
        output.Write((uint)length | ((ulong)(ushort)~length << 16), 32);
    }

    private void WriteDynamic(BitWriter output)
    {
        output.Write(0b100, 3);
        _codeLengths.Write(output);
        var (literalBits, literalCodes) = (_literalLengths.Lengths, _literalLengths.Codes);
        var (distanceBits, distanceCodes) = (_distances.Lengths, _distances.Codes);
        foreach (var token in _tokens.AsSpan(0, _count))
        {
            var length = (int)(token >> LengthShift);
            if (length == 0)
            {
                output.Write(literalCodes[(int)token], literalBits[(int)token]);
                continue;
            }

            var lengthSymbol = DeflateTables.LengthSymbols[length];
            var symbol = DeflateTables.FirstLengthSymbol + lengthSymbol;
            var bits = (ulong)literalCodes[symbol];
            var count = (int)literalBits[symbol];
            bits |= (ulong)(uint)(length - DeflateTables.LengthBases[lengthSymbol]) << count;
            count += DeflateTables.LengthExtraBits[lengthSymbol];

            var distance = (int)(token & DistanceMask) + 1;
            var distanceSymbol = DeflateTables.DistanceSymbol(distance);
            bits |= (ulong)distanceCodes[distanceSymbol] << count;
            count += distanceBits[distanceSymbol];
            bits |= (ulong)(uint)(distance - DeflateTables.DistanceBases[distanceSymbol]) << count;
            count += DeflateTables.DistanceExtraBits(distanceSymbol);
            output.Write(bits, count);
        }

        output.Write(literalCodes[DeflateTables.EndOfBlock], literalBits[DeflateTables.EndOfBlock]);
    }
}
