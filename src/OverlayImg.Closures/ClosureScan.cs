using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.Images.Json;

namespace OverlayImg.Closures;

/// <summary>Finds closures in a store of the host by scanning: references of references, until no new path comes. No path is read twice.</summary>
internal sealed class ClosureScan
{
    /// <summary>What messages call the place of a reference in a container config.</summary>
    public static readonly ByteString ConfigPlace = ByteString.FromText("the config");

    private readonly ByteString _store;
    private readonly StoreHashes _hashes;
    private readonly ReferenceScan _scan;
    private readonly SortedDictionary<ByteString, StorePathInfo> _infos = [];

    /// <summary>Looks for some paths.</summary>
    /// <param name="storeDirectory">The store that they lie in, without a slash at its end.</param>
    /// <param name="hashes">The paths.</param>
    /// <param name="cancellationToken">Ends the scans.</param>
    public ClosureScan(ByteString storeDirectory, StoreHashes hashes, CancellationToken cancellationToken)
    {
        (_store, _hashes) = (storeDirectory, hashes);
        _scan = new(hashes, cancellationToken);
    }

    /// <summary>Looks for all paths that a store of the host has; for none where the host has no store.</summary>
    /// <param name="storeDirectory">The store, absolute.</param>
    /// <param name="cancellationToken">Ends the scans.</param>
    /// <exception cref="MachineException">The store may not be read.</exception>
    public static ClosureScan OfStore(ByteString storeDirectory, CancellationToken cancellationToken)
    {
        var store = StorePaths.Directory(storeDirectory);
        return new(store, StoreHashes.Of(store, cancellationToken), cancellationToken);
    }

    /// <summary>The closure of all roots that were added.</summary>
    public ClosureGraph Graph => ClosureGraph.Of(_store, [.. _infos.Values]);

    /// <summary>Adds roots, and all that they need.</summary>
    /// <param name="roots">Store paths, or paths in them.</param>
    /// <exception cref="InputException">A root is not in the store, or not there.</exception>
    /// <exception cref="MachineException">Something in the store may not be read.</exception>
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

    /// <summary>What the names, links and files of a tree refer to.</summary>
    /// <exception cref="InputException">A file changed while it was read.</exception>
    /// <exception cref="MachineException">Something may not be read.</exception>
    public FoundReferences Search(FileTree tree) => _scan.ScanTree(tree);

    /// <summary>What the words of a container config refer to.</summary>
    public FoundReferences Search(JsonObject config)
    {
        var found = new FoundReferences { Place = ConfigPlace };
        _hashes.Search(JsonBytes.Of(writer => config.WriteTo(writer)), found);
        return found;
    }

    /// <summary>The paths of the store among <paramref name="found"/>, sorted.</summary>
    public IReadOnlyList<ByteString> PathsOf(FoundReferences found) => _scan.PathsOf(found);

    private ByteString[] NewOnes(IEnumerable<ByteString> paths) => [.. paths.Distinct().Where(path => !_infos.ContainsKey(path))];

    private InputException IsOutside(ByteString root) =>
        new($"'{root}' is no path in the store {_store}")
        {
            Advice = new("Where the store is not /nix/store, name its directory.", ClosureSetting.StoreDirectory),
        };
}
