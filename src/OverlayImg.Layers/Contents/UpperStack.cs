using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>Merges upper directories, each of which was made over the base image and the upper directories before it.</summary>
internal static class UpperStack
{
    /// <summary>
    /// Merges the trees. Directories merge, and a directory that a later tree only implies keeps its metadata; any other node replaces the
    /// earlier node. A single tree is returned as it is.
    /// </summary>
    /// <param name="uppers">At least one tree. The trees are not changed.</param>
    public static FileTree Merge(IReadOnlyList<FileTree> uppers)
    {
        if (uppers is [var only]) return only;
        var root = uppers[0].Root.Copy(uppers[0].Root.Metadata);
        // A directory of an earlier tree is copied before it is changed.
        var copies = new HashSet<DirectoryNode>(ReferenceEqualityComparer.Instance);
        foreach (var upper in uppers.Skip(1))
        {
            if (!upper.Root.IsImplied) root = (DirectoryNode)root.WithMetadata(upper.Root.Metadata);
            var pending = new Stack<(DirectoryNode Target, DirectoryNode Source)>([(root, upper.Root)]);
            while (pending.TryPop(out var level))
            {
                foreach (var (name, node) in level.Source.UnsortedEntries)
                {
                    if (node is not DirectoryNode source || level.Target.Find(name) is not DirectoryNode existing)
                    {
                        level.Target.Set(name, node);
                        continue;
                    }

                    var target = copies.Contains(existing) ? existing : existing.Copy(existing.Metadata);
                    if (!source.IsImplied) target = (DirectoryNode)target.WithMetadata(source.Metadata);
                    copies.Add(target);
                    level.Target.Set(name, target);
                    pending.Push((target, source));
                }
            }
        }

        return new(root);
    }
}
