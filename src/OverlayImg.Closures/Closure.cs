using OverlayImg.Caching;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Layers;

namespace OverlayImg.Closures;

/// <summary>Store paths with all files in them, which are appended to the other entries of a layer.</summary>
internal sealed class Closure
{
    private static readonly Metadata StoreMetadata = Metadata.DefaultDirectory with { Permissions = 0x16D /* 0555 */ };

    // As with dockerTools' tar --append, root owns everything, hard links become files, and extended attributes are left out.
    private static readonly TarWriterOptions Packing = new() { Uid = 0, Gid = 0, Xattrs = false, HardLinks = TarHardLinks.Dereference };

    private readonly ByteString _store;
    private readonly List<TreeEntry> _entries;

    private Closure(ByteString store, List<TreeEntry> entries) => (_store, _entries) = (store, entries);

    /// <summary>No store paths.</summary>
    public static Closure None { get; } = new(ByteString.Empty, []);

    /// <summary>Whether nothing is appended to a layer.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Total size of all files in bytes.</summary>
    public long ContentLength => _entries.Sum(entry => entry.Node is RegularFileNode file ? file.Content.Length : 0);

    /// <summary>Reads the names and metadata of all files in store paths.</summary>
    /// <param name="store">Path of the store, without a slash at the end.</param>
    /// <param name="file">Path of the closure file, for messages; null without one.</param>
    /// <exception cref="InputException">A store path does not exist, or has an entry that a layer can't hold.</exception>
    /// <exception cref="MachineException">A file can't be read.</exception>
    public static Closure Of(IReadOnlyList<StorePathInfo> paths, ByteString store, string? file, CancellationToken cancellationToken)
    {
        var entries = new List<TreeEntry>();
        var options = new HostTreeOptions { Uid = 0, Gid = 0, Xattrs = false };
        foreach (var (path, _, _) in paths)
        {
            var node = HostTree.ReadNode(path, options, cancellationToken) ?? throw ReferenceScan.IsMissing(path, file);
            var name = new ByteString(path.Span[1..]);
            if (node is not DirectoryNode directory) entries.Add(new(name, node));
            else entries.AddRange(new FileTree(directory).Walk().Select(entry => entry with { Path = TreePath.Join(name, entry.Path) }));
        }

        foreach (var (path, node) in entries) LayerRules.Check(file ?? "the closure", path, node);
        // Whole paths are compared byte by byte, as by sort(1): "a-b" comes before "a/c".
        entries.Sort((left, right) => left.Path.CompareTo(right.Path));
        return new(new(store.Span.TrimStart((byte)'/')), entries);
    }

    /// <summary>
    /// Appends the entries that <paramref name="merged"/> does not have. As with dockerTools, only paths are compared,
    /// but with the files that a container sees and not with the entries of all layers. Missing directories above the
    /// store come first, as <c>./nix</c> and <c>./nix/store</c>, so that not only root can read them.
    /// </summary>
    /// <returns>The number of appended entries.</returns>
    public int AppendTo(TarWriter writer, FileTree merged, Timestamp fileTime, CancellationToken cancellationToken)
    {
        if (_entries.Count == 0) return 0;
        var count = 0;
        var options = Packing with { MTime = fileTime };
        foreach (var path in StorePaths.Above(_store))
        {
            if (merged.Find(path.Span) is not null) continue;
            TarTreeWriter.WriteEntry("./"u8, path, new DirectoryNode(StoreMetadata), writer, options, cancellationToken);
            count++;
        }

        foreach (var (path, node) in _entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (merged.Find(path.Span) is not null) continue;
            TarTreeWriter.WriteEntry(default, path, node, writer, options, cancellationToken);
            count++;
        }

        return count;
    }

    /// <summary>Adds to a hash everything that decides which entries are appended, and where.</summary>
    public void AddTo(CanonicalHash hash, CancellationToken cancellationToken)
    {
        hash.Add(_store.Span);
        hash.Add(_entries, cancellationToken);
    }
}
