using System.Diagnostics.CodeAnalysis;

namespace OverlayImg.FileSystems;

/// <summary>One name in a directory and the node it stands for.</summary>
public sealed record DirectoryEntry(ByteString Name, FileNode Node);

/// <summary>A directory: names, each standing for a node.</summary>
/// <remarks>
/// The names of a new directory can be changed until a tree with the directory is finished (<see cref="FileTree.Finish"/>). A directory of a finished
/// tree refuses every change, and so does the same directory with other metadata. <see cref="Copy"/> makes a directory that can be changed.
/// </remarks>
public sealed class DirectoryNode : FileNode
{
    private readonly Entries _entries;

    /// <summary>An empty directory.</summary>
    public DirectoryNode(Metadata metadata, bool isImplied = false) : this(metadata, isImplied, new Entries())
    {
    }

    private DirectoryNode(Metadata metadata, bool isImplied, Entries entries) : base(metadata)
    {
        IsImplied = isImplied;
        _entries = entries;
    }

    /// <inheritdoc/>
    public override FileType Type => FileType.Directory;

    /// <summary>Whether no entry described this directory: it is here only because a path leads through it, and its metadata is made up.</summary>
    public bool IsImplied { get; }

    /// <summary>Number of names.</summary>
    public int Count => _entries.ByName?.Count ?? 0;

    /// <summary>The names in no particular order.</summary>
    public IEnumerable<DirectoryEntry> UnsortedEntries
    {
        get
        {
            if (_entries.ByName is not { } byName) yield break;
            foreach (var (name, node) in byName) yield return new(name, node);
        }
    }

    /// <summary>The names sorted byte by byte, as <c>LC_ALL=C</c> sorts them. Sorts at each call: ask once per directory.</summary>
    public DirectoryEntry[] SortedEntries() => SortedEntries(Comparer<ByteString>.Default);

    /// <summary>As the other one, in another order.</summary>
    public DirectoryEntry[] SortedEntries(IComparer<ByteString> order)
    {
        var sorted = new DirectoryEntry[Count];
        var count = 0;
        foreach (var entry in UnsortedEntries) sorted[count++] = entry;
        Array.Sort(sorted, (left, right) => order.Compare(left.Name, right.Name));
        return sorted;
    }

    /// <summary>The node of the name <paramref name="name"/>, or null.</summary>
    public FileNode? Find(ByteString name) => TryFind(name, out var node) ? node : null;

    /// <summary>Whether there is such a name, and its node.</summary>
    public bool TryFind(ByteString name, [NotNullWhen(true)] out FileNode? node)
    {
        node = null;
        return _entries.ByName?.TryGetValue(name, out node) == true;
    }

    /// <summary>Gives <paramref name="node"/> the name <paramref name="name"/>, in the place of what had it before.</summary>
    /// <exception cref="ArgumentException">The name is empty, <c>.</c> or <c>..</c>, or holds a slash or a NUL:
    /// such names are the caller's to refuse, with the place they came from.</exception>
    /// <exception cref="InvalidOperationException">The directory belongs to a finished tree.</exception>
    public void Set(ByteString name, FileNode node)
    {
        if (!IsValidName(name.Span)) throw new ArgumentException($"'{name}' can't be a file name.", nameof(name));
        (Changeable().ByName ??= [])[name] = node;
    }

    /// <summary>Takes the name away; whether it was there.</summary>
    /// <exception cref="InvalidOperationException">The directory belongs to a finished tree.</exception>
    public bool Remove(ByteString name) => Changeable().ByName?.Remove(name) == true;

    /// <summary>Whether <paramref name="name"/> can stand in a directory at all. Length is the file systems' business (255 bytes on ext4).</summary>
    public static bool IsValidName(ReadOnlySpan<byte> name) =>
        !name.IsEmpty && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8) && name.IndexOfAny((byte)'/', (byte)0) < 0;

    /// <inheritdoc/>
    public override FileNode WithMetadata(Metadata metadata) => new DirectoryNode(metadata, isImplied: false, _entries);

    /// <summary>Refuses changes of this directory and of all directories below it from now on.</summary>
    internal void Finish()
    {
        // Whoever finished a directory finished all below it, so that parts which come from other trees are not walked again.
        var pending = new Stack<Entries>([_entries]);
        while (pending.TryPop(out var entries))
        {
            if (entries.IsFinished) continue;
            entries.IsFinished = true;
            if (entries.ByName is not { } byName) continue;
            foreach (var node in byName.Values) if (node is DirectoryNode { _entries: { IsFinished: false } below }) pending.Push(below);
        }
    }

    /// <summary>A new directory with the same names and nodes, that can be changed without changing this one.</summary>
    public DirectoryNode Copy(Metadata metadata)
    {
        var entries = new Entries { ByName = _entries.ByName is null ? null : new(_entries.ByName) };
        return new(metadata, IsImplied, entries);
    }

    private Entries Changeable() => _entries.IsFinished
        ? throw new InvalidOperationException("The directory belongs to a finished tree. Only a copy of the directory can be changed.") : _entries;

    // Directories are many and often empty or small: the table is made when the first name comes.
    private sealed class Entries
    {
        public Dictionary<ByteString, FileNode>? ByName { get; set; }

        // Beside the table, and not in the node: nodes that differ in metadata alone share both.
        public bool IsFinished { get; set; }
    }
}
