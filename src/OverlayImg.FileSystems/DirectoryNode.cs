using System.Diagnostics.CodeAnalysis;

namespace OverlayImg.FileSystems;

/// <summary>A name in a directory and the node that the name refers to.</summary>
public sealed record DirectoryEntry(ByteString Name, FileNode Node);

/// <summary>A directory: a table from names to nodes.</summary>
/// <remarks>
/// The names can be changed until a tree with the directory is finished (<see cref="FileTree.Finish"/>). A directory of a finished tree
/// refuses every change, and so does the node that <see cref="WithMetadata"/> makes of it. <see cref="Copy"/> makes a directory that can be changed.
/// </remarks>
public sealed class DirectoryNode : FileNode
{
    private readonly Entries _entries;

    /// <summary>Makes an empty directory.</summary>
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

    /// <summary>Whether the input had no entry for this directory. A longer path implies the directory, and its metadata is a default.</summary>
    public bool IsImplied { get; }

    /// <summary>Number of entries, without <c>.</c> and <c>..</c>.</summary>
    public int Count => _entries.ByName?.Count ?? 0;

    /// <summary>The entries in no particular order.</summary>
    public IEnumerable<DirectoryEntry> UnsortedEntries
    {
        get
        {
            if (_entries.ByName is not { } byName) yield break;
            foreach (var (name, node) in byName) yield return new(name, node);
        }
    }

    /// <summary>The entries sorted by name bytewise, as with <c>LC_ALL=C</c>. Each call sorts again.</summary>
    public DirectoryEntry[] SortedEntries() => SortedEntries(Comparer<ByteString>.Default);

    /// <summary>The entries sorted by name with <paramref name="order"/>. Each call sorts again.</summary>
    public DirectoryEntry[] SortedEntries(IComparer<ByteString> order)
    {
        var sorted = new DirectoryEntry[Count];
        var count = 0;
        foreach (var entry in UnsortedEntries) sorted[count++] = entry;
        Array.Sort(sorted, (left, right) => order.Compare(left.Name, right.Name));
        return sorted;
    }

    /// <summary>The node named <paramref name="name"/>, or null where the directory has no such name.</summary>
    public FileNode? Find(ByteString name) => TryFind(name, out var node) ? node : null;

    /// <summary>Looks up the node named <paramref name="name"/>. Returns false where the directory has no such name.</summary>
    public bool TryFind(ByteString name, [NotNullWhen(true)] out FileNode? node)
    {
        node = null;
        return _entries.ByName?.TryGetValue(name, out node) == true;
    }

    /// <summary>Adds <paramref name="node"/> under <paramref name="name"/>, or replaces the node that had this name.</summary>
    /// <exception cref="ArgumentException">The name is empty, <c>.</c> or <c>..</c>, or contains a slash or a NUL. Readers must refuse such
    /// names beforehand, because only they know the location for the message.</exception>
    /// <exception cref="InvalidOperationException">The directory belongs to a finished tree.</exception>
    public void Set(ByteString name, FileNode node)
    {
        if (!IsValidName(name.Span)) throw new ArgumentException($"'{name}' can't be a file name.", nameof(name));
        (Changeable().ByName ??= [])[name] = node;
    }

    /// <summary>Removes a name. Returns whether the directory had the name.</summary>
    /// <exception cref="InvalidOperationException">The directory belongs to a finished tree.</exception>
    public bool Remove(ByteString name) => Changeable().ByName?.Remove(name) == true;

    /// <summary>Whether <paramref name="name"/> is possible in a directory. The length is not checked; its limit depends on the format.</summary>
    public static bool IsValidName(ReadOnlySpan<byte> name) =>
        !name.IsEmpty && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8) && name.IndexOfAny((byte)'/', (byte)0) < 0;

    /// <inheritdoc/>
    public override FileNode WithMetadata(Metadata metadata) => new DirectoryNode(metadata, isImplied: false, _entries);

    /// <summary>Makes this directory and all directories below it immutable.</summary>
    internal void Finish()
    {
        // All directories below a finished directory are finished, so subtrees that come from other trees are not walked again.
        var pending = new Stack<Entries>([_entries]);
        while (pending.TryPop(out var entries))
        {
            if (entries.IsFinished) continue;
            entries.IsFinished = true;
            if (entries.ByName is not { } byName) continue;
            foreach (var node in byName.Values)
            {
                if (node is DirectoryNode { _entries: { IsFinished: false } below }) pending.Push(below);
            }
        }
    }

    /// <summary>Makes a new directory with the same names and nodes. Changes of the copy leave this directory unchanged.</summary>
    public DirectoryNode Copy(Metadata metadata)
    {
        var entries = new Entries { ByName = _entries.ByName is null ? null : new(_entries.ByName) };
        return new(metadata, IsImplied, entries);
    }

    private Entries Changeable() => _entries.IsFinished
        ? throw new InvalidOperationException("The directory belongs to a finished tree. Only a copy of the directory can be changed.") : _entries;

    // Trees have many empty directories, so the table is allocated with the first name.
    private sealed class Entries
    {
        public Dictionary<ByteString, FileNode>? ByName { get; set; }

        // Stored here and not in the node, because WithMetadata makes nodes that share one table.
        public bool IsFinished { get; set; }
    }
}
