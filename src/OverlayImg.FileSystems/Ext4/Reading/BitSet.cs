namespace OverlayImg.FileSystems.Ext4.Reading;

/// <summary>A set of block or inode numbers. Memory is allocated in chunks where the set has members, because a disk can claim to be huge.</summary>
internal sealed class BitSet(ulong limit)
{
    private const int ChunkBits = 1 << 15;
    private readonly ulong[]?[] _chunks = new ulong[]?[checked((int)((limit + ChunkBits - 1) / ChunkBits))];

    /// <summary>Adds a number below the limit. Returns whether the set did not have it.</summary>
    public bool Add(ulong number) => AddRange(number, 1);

    /// <summary>Adds a range of numbers below the limit. Returns whether the set had none of them.</summary>
    public bool AddRange(ulong first, ulong count)
    {
        var isNew = true;
        for (var end = checked(first + count); first < end;)
        {
            var chunk = _chunks[first / ChunkBits] ??= new ulong[ChunkBits / 64];
            ref var word = ref chunk[first % ChunkBits / 64];
            var bit = (int)(first % 64);
            var bits = (int)Math.Min((ulong)(64 - bit), end - first);
            var mask = (bits == 64 ? ulong.MaxValue : (1UL << bits) - 1) << bit;
            isNew &= (word & mask) == 0;
            word |= mask;
            first += (ulong)bits;
        }

        return isNew;
    }
}
