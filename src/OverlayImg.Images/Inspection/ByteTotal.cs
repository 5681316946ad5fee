using OverlayImg.FileSystems;

namespace OverlayImg.Images.Inspection;

/// <summary>
/// Sums of sizes that an image states. A sparse file can state 16 TiB without data, so a sum stops at the largest number and never overflows.
/// </summary>
public static class ByteTotal
{
    /// <summary>The sum of two sizes in bytes, at most <see cref="long.MaxValue"/>.</summary>
    public static long Add(long first, long second) => long.MaxValue - first < second ? long.MaxValue : first + second;

    /// <summary>The sum of sizes in bytes, at most <see cref="long.MaxValue"/>.</summary>
    public static long Of(IEnumerable<long> sizes) => sizes.Aggregate(0L, Add);

    /// <summary>
    /// The sizes of all regular files of a tree in bytes, at most <see cref="long.MaxValue"/>. A file with several hard links counts once.
    /// </summary>
    public static long OfFiles(FileTree tree) => Of(tree.Walk().Select(entry => entry.Node).OfType<RegularFileNode>().Distinct<RegularFileNode>(
        ReferenceEqualityComparer.Instance).Select(node => node.Content.Length));
}
