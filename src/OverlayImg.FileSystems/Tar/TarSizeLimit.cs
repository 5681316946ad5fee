namespace OverlayImg.FileSystems.Tar;

/// <summary>Adds up the sizes of files, and refuses the file that exceeds the limit.</summary>
/// <param name="maximum">The limit in bytes.</param>
public sealed class TarSizeLimit(long maximum)
{
    private long _total;

    /// <summary>Refuses a tree whose regular files add up to more than <paramref name="options"/> allow.</summary>
    /// <exception cref="InputException">They do.</exception>
    public static void Require(FileTree tree, TarWriterOptions options, CancellationToken cancellationToken)
    {
        var limit = new TarSizeLimit(options.MaximumSize);
        var seen = options.HardLinks == TarHardLinks.Dereference ? null : new HashSet<FileNode>(ReferenceEqualityComparer.Instance);
        foreach (var (path, node) in tree.Walk())
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A further name of a file carries no content. Empty files need not be remembered.
            if (node is not RegularFileNode { Content.Length: > 0 and var size } || seen?.Add(node) == false) continue;
            if (!limit.TryAdd(size)) throw limit.Exceeded(size, new(Path: path.ToString()));
        }
    }

    /// <summary>Counts a file of <paramref name="size"/> bytes. False if the files add up to more than the limit.</summary>
    public bool TryAdd(long size)
    {
        if (size > maximum - _total) return false;
        _total += size;
        return true;
    }

    /// <summary>The error for a file that exceeds the limit.</summary>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="where">The file.</param>
    public InputException Exceeded(long size, InputLocation where) =>
        new($"has {size >> 20} MiB, holes included: with it the files add up to more than the limit of {maximum >> 20} MiB", where)
        {
            Advice = "Remove the file, or raise the limit.",
        };
}
