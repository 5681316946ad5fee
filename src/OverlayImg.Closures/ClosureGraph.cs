using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Closures;

/// <summary>
/// Store paths and their references. The graph is closed: every store path that one of its paths refers to is in the graph.
/// </summary>
internal sealed class ClosureGraph
{
    private ClosureGraph(ByteString storeDirectory, IReadOnlyList<StorePathInfo> paths) => (StoreDirectory, Paths) = (storeDirectory, paths);

    /// <summary>Absolute path of the store, without a slash at the end.</summary>
    public ByteString StoreDirectory { get; }

    /// <summary>The store paths, sorted byte by byte.</summary>
    public IReadOnlyList<StorePathInfo> Paths { get; }

    /// <summary>Reads a closure file (<see cref="ClosureFile"/>). For a plain list the references are found by scanning.</summary>
    /// <exception cref="InputException">
    /// The file can't be read, is not closed, or names a path that is no store path or does not exist.
    /// </exception>
    /// <exception cref="MachineException">A file in the store can't be read.</exception>
    public static ClosureGraph Read(string file, ByteString storeDirectory, CancellationToken cancellationToken)
    {
        var store = StorePaths.Directory(storeDirectory);
        var (paths, hasReferences) = ClosureFile.Read(file, store);
        foreach (var (path, _, _) in paths)
        {
            if (!HostTree.Exists(path)) throw ReferenceScan.IsMissing(path, file);
        }

        return new(store, hasReferences ? paths : Scanned([.. paths.Select(info => info.Path)], store, file, cancellationToken));
    }

    /// <summary>Creates a graph of store paths that are closed.</summary>
    /// <param name="storeDirectory">Absolute path of the store, without a slash at the end.</param>
    /// <param name="paths">Sorted byte by byte.</param>
    public static ClosureGraph Of(ByteString storeDirectory, IReadOnlyList<StorePathInfo> paths) => new(storeDirectory, paths);

    private static IReadOnlyList<StorePathInfo> Scanned(ByteString[] paths, ByteString store, string file, CancellationToken cancellationToken)
    {
        var known = paths.ToHashSet();
        var infos = new ReferenceScan(StoreHashes.Of(store, cancellationToken), cancellationToken).Scan(paths);
        foreach (var info in infos)
        {
            if (info.References.FirstOrDefault(reference => !known.Contains(reference)) is { IsEmpty: false } missing)
                throw ClosureFile.IsNotClosed(info.Path, missing, file);
        }

        return infos;
    }
}
