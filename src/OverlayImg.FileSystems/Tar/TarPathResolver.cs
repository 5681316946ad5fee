namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Finds the places of entries in the tree that is being built. Symbolic links of the tree are followed on the way, as the kernel would
/// with the tree as its root: absolute ones and <c>..</c> never lead out.
/// </summary>
internal sealed class TarPathResolver(DirectoryNode root, TarErrors errors, TreeBudget budget)
{
    // The kernel's own limit (path_resolution(7)), and one for the names that links of 4,095 bytes each could add up to.
    private const int MaximumLinks = 40;
    private const int MaximumSteps = 16_384;

    private readonly List<(ByteString Name, DirectoryNode Directory)> _lastTrail = [];
    private readonly List<(ByteString Name, DirectoryNode Directory)> _findTrail = [];
    private readonly Stack<ByteString> _ahead = new();
    private readonly List<ByteString> _components = [];
    private ByteString? _lastParent;

    /// <summary>The root of the tree.</summary>
    public DirectoryNode Root { get; set; } = root;

    /// <summary>Where the directory that <see cref="MakeParent"/> gave last really stands.</summary>
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
    /// The directory in which <paramref name="path"/> stands. What is missing of it is made; what is neither a directory nor a symbolic
    /// link gives way to a directory (umoci and containerd do so).
    /// </summary>
    public DirectoryNode MakeParent(TarEntry entry, ByteString path)
    {
        var parent = ParentOf(path);
        // Archives hold directory by directory: mostly it is the one that the entry before stood in.
        if (_lastParent is null || !_lastParent.Span.SequenceEqual(parent))
        {
            _lastParent = null;
            _ = Walk(entry, parent, _lastTrail, make: true);
            _lastParent = new(parent);
        }

        return Last(_lastTrail);
    }

    /// <summary>To be called when a directory or a symbolic link leaves the tree: paths may lead elsewhere then.</summary>
    public void ForgetLastParent() => _lastParent = null;

    /// <summary>What stands at <paramref name="path"/>, or null. The last name itself is not followed.</summary>
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
            if (++steps > MaximumSteps) throw errors.At(entry, "the symbolic links on the way to it add up to too long a path");
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
                    if (++links > MaximumLinks) throw errors.At(entry, "there are too many symbolic links on the way to it: they lead in a circle");
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
