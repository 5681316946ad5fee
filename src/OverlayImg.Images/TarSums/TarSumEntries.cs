using OverlayImg.FileSystems;

namespace OverlayImg.Images.TarSums;

/// <summary>The checksums of an archive's entries, in the order in which TarSum hashes them.</summary>
internal sealed class TarSumEntries
{
    // Go sorts up to 12 elements by insertion.
    private const int SmallNumber = 12;

    private readonly List<(ByteString Path, byte[] Sum, int Position)> _entries = [];

    /// <summary>Adds the checksum of the next entry in archive order.</summary>
    public void Add(ByteString path, byte[] sum) => _entries.Add((path, sum, _entries.Count));

    /// <summary>
    /// Returns the checksums sorted by value, but entries of one path in archive order. The two rules can contradict
    /// each other, and then moby's result depends on Go's sorting algorithm. Up to twelve entries are sorted as Go
    /// does. In larger archives, the entries of one path fill the positions of their checksums in archive order; no
    /// known tool makes such archives.
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
            for (var slot = index; slot > 0 && IsBefore(entries[slot], entries[slot - 1]); slot--)
            {
                (entries[slot], entries[slot - 1]) = (entries[slot - 1], entries[slot]);
            }
        }
    }

    private static bool IsBefore((ByteString Path, byte[] Sum, int Position) left, (ByteString Path, byte[] Sum, int Position) right) =>
        left.Path == right.Path ? left.Position < right.Position : left.Sum.AsSpan().SequenceCompareTo(right.Sum) < 0;

    private static void PutPathsInArchiveOrder((ByteString Path, byte[] Sum, int Position)[] entries)
    {
        var slots = Enumerable.Range(0, entries.Length).GroupBy(slot => entries[slot].Path);
        foreach (var group in slots.Select(group => group.ToArray()).Where(group => group.Length > 1).ToArray())
        {
            var inOrder = group.Select(slot => entries[slot]).OrderBy(entry => entry.Position).ToArray();
            for (var index = 0; index < group.Length; index++) entries[group[index]] = inOrder[index];
        }
    }
}
