using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Closures;

/// <summary>Store paths and what they refer to: closed, so that each path that one of them refers to is among them.</summary>
internal sealed class ClosureGraph
{
    private ClosureGraph(ByteString storeDirectory, IReadOnlyList<StorePathInfo> paths) => (StoreDirectory, Paths) = (storeDirectory, paths);

    /// <summary>The store, absolute, without a slash at its end.</summary>
    public ByteString StoreDirectory { get; }

    /// <summary>The paths, sorted byte by byte.</summary>
    public IReadOnlyList<StorePathInfo> Paths { get; }

    /// <summary>Reads a closure file (<see cref="ClosureFile"/>); where it is a plain list, the references are found by scanning.</summary>
    /// <exception cref="InputException">It can't be read, is not closed, or names what is no store path or not there.</exception>
    /// <exception cref="MachineException">Something in the store may not be read.</exception>
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

    /// <summary>Takes paths that are known to be closed.</summary>
    /// <param name="storeDirectory">The store, absolute, without a slash at its end.</param>
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
