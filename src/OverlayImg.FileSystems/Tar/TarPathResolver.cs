namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Finds the directories of entries in the tree that is being built. Symbolic links of the tree in an entry's path are followed as by a
/// kernel with the tree as its root: absolute links and <c>..</c> never lead out of the tree.
/// </summary>
internal sealed class TarPathResolver(DirectoryNode root, TarErrors errors, TreeBudget budget)
{
    // The kernel's limit (path_resolution(7)), and a limit on the names of a path that links of 4,095 bytes each can add up to.
    private const int MaximumLinks = 40;
    private const int MaximumSteps = 16_384;

    private readonly List<(ByteString Name, DirectoryNode Directory)> _lastTrail = [];
    private readonly List<(ByteString Name, DirectoryNode Directory)> _findTrail = [];
    private readonly Stack<ByteString> _ahead = new();
    private readonly List<ByteString> _components = [];
    private ByteString? _lastParent;

    public DirectoryNode Root { get; set; } = root;

    /// <summary>Path, without symbolic links, of the last directory that <see cref="MakeParent"/> returned.</summary>
    public ByteString PathOfLastParent
    {
        get
        {
            if (_lastTrail.Count == 0) return ByteString.Empty;
            var path = new MemoryStream();
            foreach (var (name, _) in _lastTrail)
            {
                if (path.Length > 0) path.WriteByte((byte)'/');
                path.Write(name.Span);
            }

            return new(path.ToArray());
        }
    }

    /// <summary>
    /// Returns the parent directory of <paramref name="path"/>. Missing directories are created. A node in the path that is neither a directory
    /// nor a symbolic link is replaced by a directory, as by umoci and containerd.
    /// </summary>
    public DirectoryNode MakeParent(TarEntry entry, ByteString path)
    {
        var parent = ParentOf(path);
        // Most archives list directory by directory, so that the parent is usually that of the previous entry.
        if (_lastParent is null || !_lastParent.Span.SequenceEqual(parent))
        {
            _lastParent = null;
            _ = Walk(entry, parent, _lastTrail, make: true);
            _lastParent = new(parent);
        }

        return Last(_lastTrail);
    }

    /// <summary>Must be called when a directory or symbolic link is removed from the tree, because paths may then lead elsewhere.</summary>
    public void ForgetLastParent() => _lastParent = null;

    /// <summary>The node at <paramref name="path"/>, or null. A symbolic link at the end is not followed.</summary>
    public FileNode? Find(TarEntry entry, ByteString path)
    {
        if (path.IsEmpty) return Root;
        return Walk(entry, ParentOf(path), _findTrail, make: false) ? Last(_findTrail).Find(TreePath.Name(path)) : null;
    }

    private static ReadOnlySpan<byte> ParentOf(ByteString path) => path.Span[..Math.Max(0, path.Span.LastIndexOf((byte)'/'))];

    private DirectoryNode Last(List<(ByteString Name, DirectoryNode Directory)> trail) => trail.Count == 0 ? Root : trail[^1].Directory;

    private bool Walk(TarEntry entry, ReadOnlySpan<byte> path, List<(ByteString Name, DirectoryNode Directory)> trail, bool make)
    {
        trail.Clear();
        _ahead.Clear();
        PutAhead(path);
        var (links, steps, length) = (0, 0, 0);
        while (_ahead.TryPop(out var name))
        {
            if (++steps > MaximumSteps) throw errors.At(entry, "the symbolic links in the entry's path or target add up to too long a path");
            if (name.Span.SequenceEqual("."u8)) continue;
            if (name.Span.SequenceEqual(".."u8))
            {
                if (trail.Count == 0) continue;
                length -= trail[^1].Name.Length + 1;
                trail.RemoveAt(trail.Count - 1);
                continue;
            }

            switch (Last(trail).Find(name))
            {
                case DirectoryNode directory:
                    length += name.Length + 1;
                    trail.Add((name, directory));
                    break;
                case SymbolicLinkNode link:
                    if (++links > MaximumLinks)
                        throw errors.At(entry, "the entry's path or target leads through too many symbolic links: they form a loop");
                    if (link.Target.Span[0] == '/')
                    {
                        length = 0;
                        trail.Clear();
                    }

                    PutAhead(link.Target.Span);
                    break;
                default:
                    if (!make) return false;
                    length += name.Length + 1;
                    if (!budget.TryTakeImpliedDirectory(length)) throw errors.At(entry, TreeBudget.ImpliedExcess);
                    var implied = new DirectoryNode(Metadata.DefaultDirectory, isImplied: true);
                    Last(trail).Set(name, implied);
                    trail.Add((name, implied));
                    break;
            }
        }

        return true;
    }

    private void PutAhead(ReadOnlySpan<byte> path)
    {
        _components.Clear();
        foreach (var range in TreePath.Components(path)) _components.Add(new(path[range]));
        for (var index = _components.Count - 1; index >= 0; index--) _ahead.Push(_components[index]);
    }
}
