namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// The entries of an archive in their order. Each entry has its own name and its parent's index instead of a path, and directories have no table of
/// names, so that a store of a million files needs little memory.
/// </summary>
internal sealed class TarEntryTable
{
    private const int NoParent = -1;

    private readonly List<Entry> _entries = [];
    private readonly Dictionary<int, int> _links = [];
    private readonly Dictionary<FileNode, int>? _firstOf;
    private readonly TarHardLinks _hardLinks;
    private readonly IComparer<ByteString> _order;

    private TarEntryTable(TarWriterOptions options)
    {
        _hardLinks = options.HardLinks;
        _firstOf = options.HardLinks == TarHardLinks.Dereference ? null : new(ReferenceEqualityComparer.Instance);
        _order = options.Format == TarFormat.Python ? PythonText.Order : Comparer<ByteString>.Default;
    }

    /// <param name="Parent">Index of the parent directory's entry; negative where <paramref name="Name"/> is the whole path.</param>
    /// <param name="Name">The name in the parent directory, or the whole path.</param>
    /// <param name="Node">The node; for a directory, a node with its metadata only.</param>
    private readonly record struct Entry(int Parent, ByteString Name, FileNode Node);

    public int Count => _entries.Count;

    /// <summary>Lists the parts and everything below them.</summary>
    public static TarEntryTable Of(IEnumerable<TreeEntry> parts, TarWriterOptions options, CancellationToken cancellationToken)
    {
        var table = new TarEntryTable(options);
        foreach (var (path, node) in parts) table.Add(path, node, cancellationToken);
        table._firstOf?.Clear();
        table._entries.TrimExcess();
        return table;
    }

    public FileNode NodeOf(int index) => _entries[index].Node;

    /// <summary>Whether the entry is a hard link to an earlier entry and has no content.</summary>
    public bool IsLink(int index) => _links.ContainsKey(index);

    /// <summary>Makes the header fields of the entry <paramref name="index"/>.</summary>
    public TarMember MemberOf(int index, TarWriterOptions options)
    {
        var member = TarMembers.Of(PathOf(index), _entries[index].Node, options);
        return _links.TryGetValue(index, out var first) ? TarMembers.LinkTo(MemberOf(first, options).Name, member) : member;
    }

    private void Add(ByteString path, FileNode node, CancellationToken cancellationToken)
    {
        var pending = new Stack<(int Index, DirectoryEntry[] Entries, int Next)>();
        Enter(NoParent, path, node);
        while (pending.TryPop(out var level))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (level.Next == level.Entries.Length) continue;
            pending.Push(level with { Next = level.Next + 1 });
            Enter(level.Index, level.Entries[level.Next].Name, level.Entries[level.Next].Node);
        }

        void Enter(int parent, ByteString name, FileNode entered)
        {
            var index = _entries.Count;
            if (entered is not DirectoryNode directory)
            {
                Note(index, entered);
                _entries.Add(new(parent, name, entered));
                return;
            }

            // A copy without its table of names, because the entries below have the names.
            _entries.Add(new(parent, name, new DirectoryNode(directory.Metadata)));
            if (directory.Count > 0) pending.Push((index, directory.SortedEntries(_order), 0));
        }
    }

    private void Note(int index, FileNode node)
    {
        if (_firstOf is null || (_hardLinks == TarHardLinks.LikeGnuTar && node is not (RegularFileNode or SymbolicLinkNode))) return;
        if (!_firstOf.TryAdd(node, index)) _links[index] = _firstOf[node];
    }

    // Allocates the path once. Joining name by name would cost the square of the depth.
    private ByteString PathOf(int index)
    {
        var length = -1;
        for (var at = index; at != NoParent; at = _entries[at].Parent) length += Room(_entries[at].Name);
        if (length <= 0) return ByteString.Empty;
        var path = new byte[length];
        for (var (at, end) = (index, length); at != NoParent; at = _entries[at].Parent)
        {
            var name = _entries[at].Name.Span;
            if (name.IsEmpty) continue;
            name.CopyTo(path.AsSpan(end - name.Length));
            end -= Room(_entries[at].Name);
            if (end >= 0) path[end] = (byte)'/';
        }

        return new(path);
    }

    // The root has neither a name nor a slash after it.
    private static int Room(ByteString name) => name.IsEmpty ? 0 : name.Length + 1;
}
