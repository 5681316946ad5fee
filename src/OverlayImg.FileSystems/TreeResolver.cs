namespace OverlayImg.FileSystems;

/// <summary>How a resolution ended.</summary>
public enum ResolutionOutcome
{
    /// <summary>The path leads to a node (<c>ENOENT</c> and the like did not happen).</summary>
    Found,

    /// <summary>A name on the way does not exist (<c>ENOENT</c>).</summary>
    Missing,

    /// <summary>The path goes on behind something that is no directory (<c>ENOTDIR</c>).</summary>
    NotADirectory,

    /// <summary>More than <see cref="TreeResolver.MaximumLinks"/> symbolic links, as a rule a loop (<c>ELOOP</c>).</summary>
    TooManyLinks,
}

/// <summary>Where a path leads.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Path">The path without links, <c>.</c> and <c>..</c> of what was found, or of the first name that is missing or in the way.</param>
/// <param name="Node">What was found or is in the way; null where nothing is.</param>
public readonly record struct Resolution(ResolutionOutcome Outcome, ByteString Path, FileNode? Node)
{
    /// <summary>The directory that was found, or null.</summary>
    public DirectoryNode? Directory => Outcome == ResolutionOutcome.Found ? Node as DirectoryNode : null;
}

/// <summary>
/// Resolves paths in a tree as the kernel would for a process whose root directory is the tree's root (POSIX, "Pathname Resolution";
/// path_resolution(7)): absolute link targets start at that root, and <c>..</c> never leaves it.
/// </summary>
/// <param name="tree">The tree.</param>
/// <param name="below">
/// A tree that shows through, as the lower layer of an overlay does: directories merge, anything else in <paramref name="tree"/> hides what is below.
/// </param>
/// <param name="isHidden">Whether a directory of <paramref name="tree"/> also hides a name of <paramref name="below"/> that it does not have itself.</param>
public sealed class TreeResolver(FileTree tree, FileTree? below = null, Func<DirectoryNode, ByteString, bool>? isHidden = null)
{
    /// <summary>As many links as Linux follows in one path (MAXSYMLINKS).</summary>
    public const int MaximumLinks = 40;

    private readonly record struct Level(ByteString Name, DirectoryNode? Upper, DirectoryNode? Lower);

    /// <summary>Resolves <paramref name="path"/>, which starts at the root with or without a leading slash.</summary>
    /// <param name="path">The path; the empty one is the root.</param>
    /// <param name="followLast">Whether a symbolic link at its end is followed, as <c>stat(2)</c> does and <c>lstat(2)</c> does not.</param>
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
                    // The rest begins with its slash: behind a link that must be a directory one stays.
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
