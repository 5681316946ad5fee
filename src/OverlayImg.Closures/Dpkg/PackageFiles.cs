using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Dpkg;

/// <summary>The files of a root file system by package.</summary>
internal sealed class PackageFiles
{
    private const int NoPackage = -1;

    private readonly FileTree _root;
    private readonly TreeResolver _resolver;
    private readonly Dictionary<ByteString, int> _owners = [];
    private readonly List<ByteString>[] _directories;

    private PackageFiles(FileTree root, DpkgDatabase database)
    {
        (_root, _resolver) = (root, new(root));
        _directories = [.. database.Packages.Select(_ => new List<ByteString>())];
    }

    /// <summary>The files that belong to a package, with the package's index in <see cref="DpkgDatabase.Packages"/>.</summary>
    public IEnumerable<(ByteString Path, int Package)> Files =>
        _owners.Where(owner => owner.Value != NoPackage).Select(owner => (owner.Key, owner.Value));

    /// <summary>Assigns the files of a root file system to packages.</summary>
    /// <exception cref="InputException">The database is corrupt.</exception>
    public static PackageFiles Find(FileTree root, DpkgDatabase database, CancellationToken cancellationToken)
    {
        var files = new PackageFiles(root, database);
        foreach (var (index, package) in database.Packages.Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var path in database.PathsOf(package)) files.Claim(path, index, package);
            foreach (var path in database.RecordsOf(package)) files._owners.TryAdd(path, index);
        }

        files.LeaveCrossingLinks();
        return files;
    }

    /// <summary>Returns the directories of the package's list that the tree has.</summary>
    public IReadOnlyList<ByteString> DirectoriesOf(int package) => _directories[package];

    private void Claim(ByteString listed, int index, DpkgPackage package)
    {
        // A list may have /bin/ls while the tree has usr/bin/ls and the link /bin.
        var (outcome, path, node) = _resolver.Resolve(listed, followLast: false);
        if (outcome != ResolutionOutcome.Found) return;
        if (node is DirectoryNode)
        {
            _directories[index].Add(path);
        }
        else if (!_owners.TryGetValue(path, out var owner))
        {
            _owners[path] = package.ConfigurationFiles.Contains(listed) ? NoPackage : index;
        }
        else if (owner != index && node is SymbolicLinkNode && _resolver.Resolve(path).Directory is not null)
        {
            // Several packages list the path as a directory, and the tree has a link there, as with /bin. The link belongs to none of them.
            _owners[path] = NoPackage;
        }
    }

    /// <summary>
    /// Hard links to one file must stay in one layer. Hard links of different packages are therefore assigned to no package.
    /// </summary>
    private void LeaveCrossingLinks()
    {
        var linked = _root.Walk().Where(entry => entry.Node is not DirectoryNode).GroupBy(entry => entry.Node, ReferenceEqualityComparer.Instance);
        foreach (var names in linked.Select(group => group.ToArray()).Where(names => names.Length > 1))
        {
            var owners = names.Select(entry => _owners.GetValueOrDefault(entry.Path, NoPackage)).Distinct().ToArray();
            if (owners.Length == 1) continue;
            foreach (var entry in names) _owners.Remove(entry.Path);
        }
    }
}
