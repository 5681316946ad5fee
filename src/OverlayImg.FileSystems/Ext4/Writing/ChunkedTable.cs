namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>A table that grows in chunks, so that growing copies nothing and leaves little unused.</summary>
internal sealed class ChunkedTable<T>
    where T : struct
{
    private const int ChunkSize = 4096;
    private readonly List<T[]> _chunks = [];

    public int Count { get; private set; }

    public ref T this[int index] => ref _chunks[index / ChunkSize][index % ChunkSize];

    /// <summary>Appends <paramref name="count"/> rows of zeros.</summary>
    public void Add(int count)
    {
        Count += count;
        while (_chunks.Count * ChunkSize < Count) _chunks.Add(new T[ChunkSize]);
    }
}
