using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.Images.Json;

namespace OverlayImg.Closures;

/// <summary>
/// Finds closures in a store of the host: scans store paths for references, and the found store paths in turn. Each path is read once.
/// </summary>
internal sealed class ClosureScan
{
    /// <summary>The name of a container config in messages about references.</summary>
    public static readonly ByteString ConfigPlace = ByteString.FromText("the config");

    private readonly ByteString _store;
    private readonly StoreHashes _hashes;
    private readonly ReferenceScan _scan;
    private readonly SortedDictionary<ByteString, StorePathInfo> _infos = [];

    /// <summary>Prepares a scan for given store paths.</summary>
    /// <param name="storeDirectory">Path of the store, without a slash at the end.</param>
    /// <param name="hashes">The store paths that references can name.</param>
    public ClosureScan(ByteString storeDirectory, StoreHashes hashes, CancellationToken cancellationToken)
    {
        (_store, _hashes) = (storeDirectory, hashes);
        _scan = new(hashes, cancellationToken);
    }

    /// <summary>Prepares a scan for all paths in a store of the host; for none if the host has no such store.</summary>
    /// <param name="storeDirectory">Absolute path of the store.</param>
    /// <exception cref="MachineException">The store can't be read.</exception>
    public static ClosureScan OfStore(ByteString storeDirectory, CancellationToken cancellationToken)
    {
        var store = StorePaths.Directory(storeDirectory);
        return new(store, StoreHashes.Of(store, cancellationToken), cancellationToken);
    }

    /// <summary>The closure of all added roots.</summary>
    public ClosureGraph Graph => ClosureGraph.Of(_store, [.. _infos.Values]);

    /// <summary>Adds roots and everything that they refer to, directly or indirectly.</summary>
    /// <param name="roots">Store paths, or paths in them.</param>
    /// <exception cref="InputException">A root is not in the store or does not exist.</exception>
    /// <exception cref="MachineException">A file in the store can't be read.</exception>
    public void Add(IEnumerable<ByteString> roots)
    {
        var next = NewOnes(roots.Select(root => StorePaths.Containing(root, _store) ?? throw IsOutside(root)));
        while (next.Length > 0)
        {
            var scanned = _scan.Scan(next);
            foreach (var info in scanned) _infos.Add(info.Path, info);
            next = NewOnes(scanned.SelectMany(info => info.References));
        }
    }

    /// <summary>Scans the names, link targets and files of a tree for store paths.</summary>
    /// <exception cref="InputException">A file changed while it was read.</exception>
    /// <exception cref="MachineException">A file can't be read.</exception>
    public FoundReferences Search(FileTree tree) => _scan.ScanTree(tree);

    /// <summary>Scans a container config for store paths.</summary>
    public FoundReferences Search(JsonObject config)
    {
        var found = new FoundReferences { Place = ConfigPlace };
        _hashes.Search(JsonBytes.Of(writer => config.WriteTo(writer)), found);
        return found;
    }

    /// <summary>Returns the known store paths among <paramref name="found"/>, sorted.</summary>
    public IReadOnlyList<ByteString> PathsOf(FoundReferences found) => _scan.PathsOf(found);

    private ByteString[] NewOnes(IEnumerable<ByteString> paths) => [.. paths.Distinct().Where(path => !_infos.ContainsKey(path))];

    private InputException IsOutside(ByteString root) =>
        new($"'{root}' is no path in the store {_store}")
        {
            Advice = new("If the store is not /nix/store, give its directory.", ClosureSetting.StoreDirectory),
        };
}
