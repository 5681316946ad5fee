namespace OverlayImg.Images.Compression.Gzip;

/// <summary>The header of a dynamic block: the lengths of both codes, run-length encoded (RFC 1951, 3.2.7).</summary>
internal sealed class CodeLengths
{
    private const int RepeatPrevious = 16;
    private const int RepeatZero = 17;
    private const int RepeatZeroLong = 18;

    private readonly byte[] _lengths = new byte[DeflateTables.LiteralLengthSymbols + DeflateTables.DistanceSymbols];
    private readonly (byte Symbol, byte Extra)[] _symbols = new (byte, byte)[DeflateTables.LiteralLengthSymbols + DeflateTables.DistanceSymbols];
    private readonly int[] _counts = new int[DeflateTables.CodeLengthSymbols];
    private readonly HuffmanCode _code = new(DeflateTables.CodeLengthSymbols, 7);
    private int _count;
    private int _literalLengths;
    private int _distances;
    private int _ownLengths;

    /// <summary>The number of bits that <see cref="Write"/> writes.</summary>
    public int Bits { get; private set; }

    public void Build(ReadOnlySpan<byte> literalLengths, ReadOnlySpan<byte> distances)
    {
        // The format demands at least 257 lengths of literals and 1 length of distances.
        _literalLengths = Math.Max(literalLengths.LastIndexOfAnyExcept((byte)0) + 1, DeflateTables.FirstLengthSymbol);
        _distances = Math.Max(distances.LastIndexOfAnyExcept((byte)0) + 1, 1);
        literalLengths[.._literalLengths].CopyTo(_lengths);
        distances[.._distances].CopyTo(_lengths.AsSpan(_literalLengths));
        Array.Clear(_counts);
        _count = 0;
        for (var rest = (ReadOnlySpan<byte>)_lengths.AsSpan(0, _literalLengths + _distances); !rest.IsEmpty;)
        {
            var run = rest.IndexOfAnyExcept(rest[0]) is > 0 and var end ? end : rest.Length;
            AddRun(rest[0], run);
            rest = rest[run..];
        }

        _code.Build(_counts);
        _ownLengths = DeflateTables.CodeLengthSymbols;
        while (_ownLengths > 4 && _code.Lengths[DeflateTables.CodeLengthOrder[_ownLengths - 1]] == 0) _ownLengths--;
        Bits = 14 + (3 * _ownLengths);
        for (var symbol = 0; symbol < _counts.Length; symbol++) Bits += _counts[symbol] * (_code.Lengths[symbol] + ExtraBits(symbol));
    }

    /// <summary>Writes the header after the three bits of the block's type.</summary>
    public void Write(BitWriter output)
    {
        output.Write((uint)(_literalLengths - 257), 5);
        output.Write((uint)(_distances - 1), 5);
        output.Write((uint)(_ownLengths - 4), 4);
        foreach (var symbol in DeflateTables.CodeLengthOrder[.._ownLengths]) output.Write(_code.Lengths[symbol], 3);
        foreach (var (symbol, extra) in _symbols.AsSpan(0, _count))
        {
            output.Write(_code.Codes[symbol], _code.Lengths[symbol]);
            output.Write(extra, ExtraBits(symbol));
        }
    }

    private static int ExtraBits(int symbol) => symbol switch { RepeatPrevious => 2, RepeatZero => 3, RepeatZeroLong => 7, _ => 0 };

    private void AddRun(byte length, int run)
    {
        if (length != 0)
        {
            Add(length, 0);
            run--;
        }

        while (run >= 3)
        {
            var (symbol, least, most) = length != 0 ? (RepeatPrevious, 3, 6) : run <= 10 ? (RepeatZero, 3, 10) : (RepeatZeroLong, 11, 138);
            var part = Math.Min(run, most);
            Add(symbol, part - least);
            run -= part;
        }

        for (; run > 0; run--) Add(length, 0);
    }

    private void Add(int symbol, int extra)
    {
        _symbols[_count++] = ((byte)symbol, (byte)extra);
        _counts[symbol]++;
    }
}
