using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>Looks paths up in a tree as the kernel does in a file system with that root.</summary>
internal static class TreeLookup
{
    /// <summary>As many as the kernel follows in one path (MAXSYMLINKS).</summary>
    private const int MaximumLinks = 40;

    /// <summary>
    /// The node at <paramref name="path"/>, or null. Follows symbolic links in all names but the last, inside the root: an absolute link starts at
    /// it, and <c>..</c> stays in it.
    /// </summary>
    public static FileNode? Resolve(FileTree tree, ByteString path)
    {
        var ancestors = new Stack<DirectoryNode>([tree.Root]);
        var names = new Stack<ByteString>();
        PushNames(names, path.Span);
        var links = 0;
        while (names.TryPop(out var name))
        {
            if (name.Span.SequenceEqual("."u8)) continue;
            if (name.Span.SequenceEqual(".."u8))
            {
                if (ancestors.Count > 1) ancestors.Pop();
                continue;
            }

            switch (ancestors.Peek().Find(name))
            {
                case DirectoryNode directory:
                    ancestors.Push(directory);
                    break;
                case SymbolicLinkNode link when names.Count > 0:
                    if (++links > MaximumLinks) return null;
                    if (link.Target.Span.StartsWith("/"u8)) ancestors = new([tree.Root]);
                    PushNames(names, link.Target.Span);
                    break;
                case var node:
                    return names.Count == 0 ? node : null;
            }
        }

        return ancestors.Peek();
    }

    private static void PushNames(Stack<ByteString> names, ReadOnlySpan<byte> path)
    {
        var found = new List<ByteString>();
        foreach (var range in TreePath.Components(path)) found.Add(new(path[range]));
        for (var index = found.Count - 1; index >= 0; index--) names.Push(found[index]);
    }
}
