using System.Buffers.Binary;
using System.Numerics;

namespace OverlayImg.Images.Compression.Gzip;

/// <summary>
/// Compresses pieces of a stream, each with the 32 KiB before it as its window, so that pieces can be compressed in
/// parallel and the output depends only on the bytes. The search is greedy with two candidates per match: about the
/// size of zlib's level 2 at several times its speed.
/// </summary>
internal sealed class DeflateEncoder
{
    /// <summary>The shortest match. Shorter ones hardly save bytes over literals, and take the most time to find.</summary>
    private const int ShortestMatch = 4;

    private const int HashBits = 15;
    private const int Candidates = 2;

    /// <summary>Base-2 logarithm of the literals without a match after which each step skips one more byte.</summary>
    private const int SkipShift = 6;

    /// <summary>The most bytes to skip per step.</summary>
    private const int MaximumSkip = 32;

    private readonly int[] _table = new int[Candidates << HashBits];
    private readonly DeflateBlock _block = new();
    private readonly BitWriter _output = new();

    /// <summary>The output of <see cref="Encode"/>: deflate blocks up to a byte boundary, without a last block.</summary>
    public ReadOnlySpan<byte> Written => _output.Written;

    /// <summary>Compresses <paramref name="buffer"/> from <paramref name="start"/> on; the bytes before are the window.</summary>
    public void Encode(ReadOnlySpan<byte> buffer, int start)
    {
        _output.Clear();
        _table.AsSpan().Fill(-DeflateTables.WindowSize - 1);
        for (var position = 0; position < start && position + 4 <= buffer.Length; position++) Insert(buffer, position);

        var blockStart = start;
        var literals = start;
        for (var position = start; position < buffer.Length;)
        {
            var length = 0;
            var distance = 0;
            if (position + 8 <= buffer.Length) (length, distance) = Find(buffer, position);
            if (length == 0)
            {
                _block.AddLiteral(buffer[position++]);
                var end = Math.Min(position + Math.Min((position - literals) >> SkipShift, MaximumSkip), buffer.Length - 4);
                for (; position < end && !_block.IsFull; position++)
                {
                    Insert(buffer, position);
                    _block.AddLiteral(buffer[position]);
                }
            }
            else
            {
                _block.AddMatch(length, distance);
                var end = position + length;
                for (position++; position < end && position + 4 <= buffer.Length; position++) Insert(buffer, position);
                literals = position = end;
            }

            if (!_block.IsFull) continue;
            _block.Write(buffer[blockStart..position], _output);
            blockStart = position;
        }

        if (!_block.IsEmpty) _block.Write(buffer[blockStart..], _output);
        DeflateBlock.WriteSync(_output);
    }

    private static int HashAt(uint bytes) => (int)((bytes * 0x9E3779B1) >> (32 - HashBits)) * Candidates;

    private void Insert(ReadOnlySpan<byte> buffer, int position)
    {
        var bucket = HashAt(BinaryPrimitives.ReadUInt32LittleEndian(buffer[position..]));
        _table[bucket + 1] = _table[bucket];
        _table[bucket] = position;
    }

    private (int Length, int Distance) Find(ReadOnlySpan<byte> buffer, int position)
    {
        var start = BinaryPrimitives.ReadUInt32LittleEndian(buffer[position..]);
        var bucket = HashAt(start);
        var (newer, older) = (_table[bucket], _table[bucket + 1]);
        _table[bucket + 1] = newer;
        _table[bucket] = position;
        var length = Match(buffer, newer, position, start);
        if (position - older > DeflateTables.WindowSize) return (length, position - newer);
        var other = Match(buffer, older, position, start);
        return other > length ? (other, position - older) : (length, position - newer);
    }

    /// <summary>Returns the length of the match at <paramref name="candidate"/>; 0 if it is too short or too far away.</summary>
    private static int Match(ReadOnlySpan<byte> buffer, int candidate, int position, uint start)
    {
        if (position - candidate > DeflateTables.WindowSize || BinaryPrimitives.ReadUInt32LittleEndian(buffer[candidate..]) != start) return 0;
        var limit = Math.Min(DeflateTables.MaximumMatch, buffer.Length - position);
        var before = buffer.Slice(candidate, limit);
        var here = buffer.Slice(position, limit);
        var length = ShortestMatch;
        // Most matches are short. For them, eight bytes at a time are faster than a call that is optimized for long
        // ones.
        for (; length <= limit - 8; length += 8)
        {
            var difference = BinaryPrimitives.ReadUInt64LittleEndian(before[length..]) ^ BinaryPrimitives.ReadUInt64LittleEndian(here[length..]);
            if (difference != 0) return length + (BitOperations.TrailingZeroCount(difference) >> 3);
        }

        while (length < limit && before[length] == here[length]) length++;
        return length;
    }
}
