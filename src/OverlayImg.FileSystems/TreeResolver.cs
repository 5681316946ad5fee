namespace OverlayImg.FileSystems;

/// <summary>How the resolution of a path ended.</summary>
public enum ResolutionOutcome
{
    /// <summary>The path leads to a node.</summary>
    Found,

    /// <summary>A name of the path does not exist (<c>ENOENT</c>).</summary>
    Missing,

    /// <summary>A name that is not the last one refers to a node that is not a directory (<c>ENOTDIR</c>).</summary>
    NotADirectory,

    /// <summary>The path leads through more than <see cref="TreeResolver.MaximumLinks"/> symbolic links, usually a loop (<c>ELOOP</c>).</summary>
    TooManyLinks,
}

/// <summary>The result of resolving a path.</summary>
/// <param name="Outcome">How the resolution ended.</param>
/// <param name="Path">The path without links, <c>.</c> and <c>..</c>: of the node that was found, or of the first name that is missing
/// or not a directory.</param>
/// <param name="Node">The node at <paramref name="Path"/>; null where the name is missing.</param>
public readonly record struct Resolution(ResolutionOutcome Outcome, ByteString Path, FileNode? Node)
{
    /// <summary>The directory that was found; null for any other outcome or type.</summary>
    public DirectoryNode? Directory => Outcome == ResolutionOutcome.Found ? Node as DirectoryNode : null;
}

/// <summary>
/// Resolves paths in a tree as the kernel does for a process whose root directory is the tree's root (path_resolution(7)). Absolute link
/// targets start at that root, and <c>..</c> never leaves it.
/// </summary>
/// <param name="tree">The tree, or the upper tree of an overlay.</param>
/// <param name="below">
/// The lower tree of an overlay, or null. Directories of both trees merge; any other node of <paramref name="tree"/> hides the lower node.
/// </param>
/// <param name="isHidden">Whether a directory of <paramref name="tree"/> hides a name of <paramref name="below"/>, as a whiteout does.</param>
public sealed class TreeResolver(FileTree tree, FileTree? below = null, Func<DirectoryNode, ByteString, bool>? isHidden = null)
{
    /// <summary>Number of symbolic links that Linux follows in one path (MAXSYMLINKS).</summary>
    public const int MaximumLinks = 40;

    private readonly record struct Level(ByteString Name, DirectoryNode? Upper, DirectoryNode? Lower);

    /// <summary>Resolves <paramref name="path"/> from the root. A leading slash makes no difference.</summary>
    /// <param name="path">The path; empty for the root.</param>
    /// <param name="followLast">Whether a symbolic link at the end is followed, as by <c>stat(2)</c>, or returned, as by <c>lstat(2)</c>.</param>
    public Resolution Resolve(ByteString path, bool followLast = true)
    {
        List<Level> levels = [new(ByteString.Empty, tree.Root, below?.Root)];
        var rest = path.Span;
        for (var links = 0; NextName(ref rest, out var component);)
        {
            if (component.SequenceEqual("."u8)) continue;
            if (component.SequenceEqual(".."u8))
            {
                if (levels.Count > 1) levels.RemoveAt(levels.Count - 1);
                continue;
            }

            var name = new ByteString(component);
            var (_, upper, lower) = levels[^1];
            var (above, beneath) = (upper?.Find(name), lower?.Find(name));
            if (beneath is not null && upper is not null && isHidden?.Invoke(upper, name) == true) beneath = null;
            switch (above ?? beneath)
            {
                case null:
                    return new(ResolutionOutcome.Missing, PathOf(levels, name), null);
                case DirectoryNode:
                    levels.Add(new(name, above as DirectoryNode, beneath as DirectoryNode));
                    break;
                case SymbolicLinkNode link when followLast || !rest.IsEmpty:
                    if (++links > MaximumLinks) return new(ResolutionOutcome.TooManyLinks, PathOf(levels, name), link);
                    if (link.Target.IsEmpty) return new(ResolutionOutcome.Missing, PathOf(levels, name), null);
                    if (link.Target.Span[0] == '/') levels.RemoveRange(1, levels.Count - 1);
                    // The rest begins with its slash. A trailing slash after a link is kept and demands a directory.
                    rest = (byte[])[.. link.Target.Span, .. rest];
                    break;
                case var node when rest.IsEmpty:
                    return new(ResolutionOutcome.Found, PathOf(levels, name), node);
                case var node:
                    return new(ResolutionOutcome.NotADirectory, PathOf(levels, name), node);
            }
        }

        return new(ResolutionOutcome.Found, PathOf(levels, ByteString.Empty), levels[^1].Upper ?? levels[^1].Lower);
    }

    private static bool NextName(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name)
    {
        rest = rest.TrimStart((byte)'/');
        var length = rest.IndexOf((byte)'/');
        name = length < 0 ? rest : rest[..length];
        rest = rest[name.Length..];
        return !name.IsEmpty;
    }

    private static ByteString PathOf(List<Level> levels, ByteString last)
    {
        var path = new MemoryStream();
        foreach (var level in levels.Skip(1)) Append(path, level.Name);
        if (!last.IsEmpty) Append(path, last);
        return new(path.ToArray());
    }

    private static void Append(MemoryStream path, ByteString name)
    {
        if (path.Length > 0) path.WriteByte((byte)'/');
        path.Write(name.Span);
    }
}
