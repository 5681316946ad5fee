using System.Diagnostics.CodeAnalysis;

namespace OverlayImg.FileSystems;

/// <summary>One name in a directory and the node it stands for.</summary>
public sealed record DirectoryEntry(ByteString Name, FileNode Node);

/// <summary>A directory: names, each standing for a node.</summary>
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
    public void Set(ByteString name, FileNode node)
    {
        if (!IsValidName(name.Span)) throw new ArgumentException($"'{name}' can't be a file name.", nameof(name));
        (_entries.ByName ??= [])[name] = node;
    }

    /// <summary>Takes the name away; whether it was there.</summary>
    public bool Remove(ByteString name) => _entries.ByName?.Remove(name) == true;

    /// <summary>Whether <paramref name="name"/> can stand in a directory at all. Length is the file systems' business (255 bytes on ext4).</summary>
    public static bool IsValidName(ReadOnlySpan<byte> name) =>
        !name.IsEmpty && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8) && name.IndexOfAny((byte)'/', (byte)0) < 0;

    /// <inheritdoc/>
    public override FileNode WithMetadata(Metadata metadata) => new DirectoryNode(metadata, isImplied: false, _entries);

    /// <summary>A new directory with the same names and nodes, that can be changed without changing this one.</summary>
    public DirectoryNode Copy(Metadata metadata)
    {
        var entries = new Entries { ByName = _entries.ByName is null ? null : new(_entries.ByName) };
        return new(metadata, IsImplied, entries);
    }

    // Directories are many and often empty or small: the table is made when the first name comes.
    private sealed class Entries
    {
        public Dictionary<ByteString, FileNode>? ByName { get; set; }
    }
}
