using OverlayImg.Caching;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Layers;

namespace OverlayImg.Closures;

/// <summary>Store paths with all that is in them, which go to a layer behind the rest (spec dockertools, 1.11, steps 4 to 7).</summary>
internal sealed class Closure
{
    private static readonly Metadata StoreMetadata = Metadata.DefaultDirectory with { Permissions = 0x16D /* 0555 */ };

    // As the seeds' tar --append writes them: everything is root's, without links and attributes.
    private static readonly TarWriterOptions Packing = new() { Uid = 0, Gid = 0, Xattrs = false, HardLinks = TarHardLinks.Dereference };

    private readonly ByteString _store;
    private readonly List<TreeEntry> _entries;

    private Closure(ByteString store, List<TreeEntry> entries) => (_store, _entries) = (store, entries);

    /// <summary>No store paths.</summary>
    public static Closure None { get; } = new(ByteString.Empty, []);

    /// <summary>Whether it adds nothing to a layer.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Bytes of all files.</summary>
    public long ContentLength => _entries.Sum(entry => entry.Node is RegularFileNode file ? file.Content.Length : 0);

    /// <summary>Reads names and metadata of all that is in store paths.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="store">The store that they lie in, without a slash at its end.</param>
    /// <param name="file">The closure file that names them, for messages; null without one.</param>
    /// <param name="cancellationToken">Looked at for each file.</param>
    /// <exception cref="InputException">A path is not there, or holds what can't be in a layer.</exception>
    /// <exception cref="MachineException">Something may not be read.</exception>
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
        // Whole paths byte by byte, as sort(1) puts them: "a-b" comes before "a/c".
        entries.Sort((left, right) => left.Path.CompareTo(right.Path));
        return new(new(store.Span.TrimStart((byte)'/')), entries);
    }

    /// <summary>
    /// Appends what <paramref name="merged"/> has not: compared by path alone, as the seeds do, but with what a container would see and not with
    /// all that ever was in a layer. Directories above the store that are missing come first, as <c>./nix</c> and <c>./nix/store</c>, so that
    /// others than root may read them.
    /// </summary>
    /// <returns>Number of entries that were appended.</returns>
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

    /// <summary>Adds to a hash all that decides what is appended where.</summary>
    public void AddTo(CanonicalHash hash, CancellationToken cancellationToken)
    {
        hash.Add(_store.Span);
        hash.Add(_entries, cancellationToken);
    }
}
