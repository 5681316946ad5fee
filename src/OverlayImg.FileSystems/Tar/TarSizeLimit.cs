namespace OverlayImg.FileSystems.Tar;

/// <summary>Sums up file sizes and refuses the file that exceeds a limit.</summary>
/// <param name="maximum">The limit in bytes.</param>
public sealed class TarSizeLimit(long maximum)
{
    private long _total;

    /// <summary>Checks that the regular files of a tree do not exceed the limit of <paramref name="options"/>.</summary>
    /// <exception cref="InputException">The files exceed the limit.</exception>
    public static void Require(FileTree tree, TarWriterOptions options, CancellationToken cancellationToken)
    {
        var limit = new TarSizeLimit(options.MaximumSize);
        var seen = options.HardLinks == TarHardLinks.Dereference ? null : new HashSet<FileNode>(ReferenceEqualityComparer.Instance);
        foreach (var (path, node) in tree.Walk())
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A hard link to a file has no content. Empty files need not be remembered.
            if (node is not RegularFileNode { Content.Length: > 0 and var size } || seen?.Add(node) == false) continue;
            if (!limit.TryAdd(size)) throw limit.Exceeded(size, new(Path: path.ToString()));
        }
    }

    /// <summary>Adds a file of <paramref name="size"/> bytes. Returns false where the total exceeds the limit.</summary>
    public bool TryAdd(long size)
    {
        if (size > maximum - _total) return false;
        _total += size;
        return true;
    }

    /// <summary>Makes the error for the file that exceeds the limit.</summary>
    /// <param name="size">Size of the file in bytes.</param>
    /// <param name="where">Location of the file.</param>
    public InputException Exceeded(long size, InputLocation where) =>
        new($"has {size >> 20} MiB, holes included: with it the files add up to more than the limit of {maximum >> 20} MiB", where)
        {
            Advice = "Remove the file, or raise the limit.",
        };
}
