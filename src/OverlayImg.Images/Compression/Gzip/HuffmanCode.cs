namespace OverlayImg.Images.Compression.Gzip;

/// <summary>A Huffman code for an alphabet of deflate (RFC 1951, 3.2.2).</summary>
/// <param name="symbols">Number of symbols of the alphabet.</param>
/// <param name="maximumLength">Longest code in bits that the format allows: 15 or 7.</param>
internal sealed class HuffmanCode(int symbols, int maximumLength)
{
    private readonly long[] _order = new long[symbols];
    private readonly long[] _weights = new long[2 * symbols];
    private readonly int[] _parents = new int[2 * symbols];

    /// <summary>The length of each symbol's code in bits; 0 for a symbol that does not occur.</summary>
    public byte[] Lengths { get; } = new byte[symbols];

    /// <summary>The code of each symbol; the lowest bit is written first.</summary>
    public ushort[] Codes { get; } = new ushort[symbols];

    /// <summary>Builds the best code for <paramref name="frequencies"/>, or nearly so if that exceeds the length limit.</summary>
    public void Build(ReadOnlySpan<int> frequencies)
    {
        var used = 0;
        for (var symbol = 0; symbol < symbols; symbol++)
        {
            Lengths[symbol] = 0;
            // Equal frequencies are ordered by symbol, so that the code depends only on the frequencies.
            if (frequencies[symbol] > 0) _order[used++] = ((long)frequencies[symbol] << 16) | (uint)symbol;
        }

        if (used < 2)
        {
            // The format allows a code of one symbol, but some decoders need two symbols.
            var only = used == 1 ? (int)(_order[0] & 0xFFFF) : 0;
            Lengths[only] = 1;
            Lengths[only == 0 ? 1 : 0] = 1;
        }
        else
        {
            Array.Sort(_order, 0, used);
            AssignLengths(used);
        }

        AssignCodes();
    }

    // Huffman's algorithm with two queues: the leaves by weight, and the inner nodes, which arise in order of weight.
    private void AssignLengths(int leaves)
    {
        var nodes = leaves;
        for (var leaf = 0; leaf < leaves; leaf++) _weights[leaf] = _order[leaf] >> 16;
        var (nextLeaf, nextInner) = (0, leaves);
        for (; nodes < (2 * leaves) - 1; nodes++)
        {
            var first = TakeLightest();
            var second = TakeLightest();
            _weights[nodes] = _weights[first] + _weights[second];
            _parents[first] = _parents[second] = nodes;
        }

        Span<int> perLength = stackalloc int[maximumLength + 1];
        CountLengths(leaves, perLength);
        // The rarest symbols come first and get the longest codes.
        var index = 0;
        for (var length = maximumLength; length > 0; length--)
        {
            for (var count = perLength[length]; count > 0; count--) Lengths[_order[index++] & 0xFFFF] = (byte)length;
        }

        int TakeLightest() => nextLeaf < leaves && (nextInner == nodes || _weights[nextLeaf] <= _weights[nextInner]) ? nextLeaf++ : nextInner++;
    }

    /// <summary>
    /// Counts the leaves of each depth. Leaves that are too deep move up, and others down until the code is complete.
    /// </summary>
    private void CountLengths(int leaves, Span<int> perLength)
    {
        var root = (2 * leaves) - 2;
        var depths = _weights;
        depths[root] = 0;
        for (var node = root - 1; node >= 0; node--)
        {
            depths[node] = depths[_parents[node]] + 1;
            if (node < leaves) perLength[(int)Math.Min(depths[node], maximumLength)]++;
        }

        // Kraft's sum in units of the longest code; a complete code has 1 << maximumLength.
        var sum = 0;
        for (var length = 1; length <= maximumLength; length++) sum += perLength[length] << (maximumLength - length);
        while (sum > 1 << maximumLength)
        {
            var length = maximumLength - 1;
            while (perLength[length] == 0) length--;
            perLength[length]--;
            perLength[length + 1] += 2;
            perLength[maximumLength]--;
            sum--;
        }
    }

    private void AssignCodes()
    {
        Span<int> perLength = stackalloc int[maximumLength + 1];
        foreach (var length in Lengths) perLength[length]++;
        perLength[0] = 0;
        Span<int> next = stackalloc int[maximumLength + 1];
        for (var length = 1; length <= maximumLength; length++) next[length] = (next[length - 1] + perLength[length - 1]) << 1;
        for (var symbol = 0; symbol < symbols; symbol++)
        {
            var length = Lengths[symbol];
            if (length > 0) Codes[symbol] = Reverse(next[length]++, length);
        }
    }

    // Deflate packs only Huffman codes with the highest bit first.
    private static ushort Reverse(int code, int length)
    {
        var reversed = 0;
        for (var bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
        return (ushort)reversed;
    }
}
