using OverlayImg.FileSystems;

namespace OverlayImg.Images.TarSums;

/// <summary>The sums of an archive's entries, and the order in which TarSum hashes them.</summary>
internal sealed class TarSumEntries
{
    // Up to this number Go sorts by insertion.
    private const int SmallNumber = 12;

    private readonly List<(ByteString Path, byte[] Sum, int Position)> _entries = [];

    /// <summary>Adds the next entry of the archive.</summary>
    public void Add(ByteString path, byte[] sum) => _entries.Add((path, sum, _entries.Count));

    /// <summary>
    /// The sums, sorted; entries of one path are in their order in the archive. The two rules can contradict each other (an entry of another
    /// path belongs between two of one path, but these stand the other way round), and what moby makes of it depends on Go's
    /// sorting algorithm. Up to twelve entries we do what Go does. In larger archives, entries of one path share out in the archive's order
    /// the places that their sums have: no image that a tool made has such.
    /// </summary>
    public IEnumerable<byte[]> Sorted()
    {
        var sorted = _entries.ToArray();
        var hasDuplicates = sorted.DistinctBy(entry => entry.Path).Count() < sorted.Length;
        if (hasDuplicates && sorted.Length <= SmallNumber)
        {
            SortByInsertion(sorted);
        }
        else
        {
            Array.Sort(sorted, (left, right) => left.Sum.AsSpan().SequenceCompareTo(right.Sum));
            if (hasDuplicates) PutPathsInArchiveOrder(sorted);
        }

        return sorted.Select(entry => entry.Sum);
    }

    private static void SortByInsertion((ByteString Path, byte[] Sum, int Position)[] entries)
    {
        for (var index = 1; index < entries.Length; index++)
        {
            for (var place = index; place > 0 && IsBefore(entries[place], entries[place - 1]); place--)
            {
                (entries[place], entries[place - 1]) = (entries[place - 1], entries[place]);
            }
        }
    }

    private static bool IsBefore((ByteString Path, byte[] Sum, int Position) left, (ByteString Path, byte[] Sum, int Position) right) =>
        left.Path == right.Path ? left.Position < right.Position : left.Sum.AsSpan().SequenceCompareTo(right.Sum) < 0;

    private static void PutPathsInArchiveOrder((ByteString Path, byte[] Sum, int Position)[] entries)
    {
        var places = Enumerable.Range(0, entries.Length).GroupBy(place => entries[place].Path);
        foreach (var group in places.Select(group => group.ToArray()).Where(group => group.Length > 1).ToArray())
        {
            var inOrder = group.Select(place => entries[place]).OrderBy(entry => entry.Position).ToArray();
            for (var index = 0; index < group.Length; index++) entries[group[index]] = inOrder[index];
        }
    }
}
