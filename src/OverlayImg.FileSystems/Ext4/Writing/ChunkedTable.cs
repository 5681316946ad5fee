namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>A table that grows by pieces: no copying, no second table beside the first, no half that stands empty.</summary>
internal sealed class ChunkedTable<T>
    where T : struct
{
    private const int ChunkSize = 4096;
    private readonly List<T[]> _chunks = [];

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>The row of that number.</summary>
    public ref T this[int index] => ref _chunks[index / ChunkSize][index % ChunkSize];

    /// <summary>Adds empty rows.</summary>
    public void Add(int count)
    {
        Count += count;
        while (_chunks.Count * ChunkSize < Count) _chunks.Add(new T[ChunkSize]);
    }
}
