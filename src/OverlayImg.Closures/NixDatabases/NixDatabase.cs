using OverlayImg.FileSystems;

namespace OverlayImg.Closures.NixDatabases;

/// <summary>
/// What Nix in a container needs to know which store paths it has (dockerTools' buildImageWithNixDb; spec dockertools, 1.14): the database, and roots
/// that keep the paths from being collected as garbage.
/// </summary>
internal static class NixDatabase
{
    /// <summary>Where the roots' links lie, below Nix's state directory.</summary>
    private const string RootsDirectory = "gcroots/docker";

    // Nix 2.0 and later; what it opens a database by.
    private const string SchemaVersion = "10";
    private const ushort LinkPermissions = 0x1FF /* 0777 */;

    /// <summary>The files, in directories that are only implied: those of the image keep their metadata.</summary>
    /// <param name="graph">What is registered. Archives' hashes and sizes that it came without are computed from the store.</param>
    /// <param name="registrationTime">When every path says that it was registered.</param>
    /// <param name="cancellationToken">Ends the computing.</param>
    /// <exception cref="InputException">A store path holds what no Nix archive can, or changed while it was read.</exception>
    /// <exception cref="MachineException">Something in the store may not be read.</exception>
    public static FileTree Tree(ClosureGraph graph, Timestamp registrationTime, CancellationToken cancellationToken)
    {
        var nars = NarHashing.Of(graph.Paths, cancellationToken);
        var database = ValidPaths.Database(graph.Paths, nars, registrationTime.Seconds);
        var tree = new FileTree(Implied());
        var databasePath = DatabasePath(graph.StoreDirectory);
        var directory = Make(tree.Root, TreePath.Parent(databasePath));
        directory.Set(TreePath.Name(databasePath), new RegularFileNode(Metadata.DefaultFile, new MemoryContent(database)));
        directory.Set(ByteString.FromText("schema"), new RegularFileNode(Metadata.DefaultFile, new MemoryContent(ByteString.FromText(SchemaVersion).Memory)));
        var roots = Make(tree.Root, RootsPath(graph.StoreDirectory));
        foreach (var root in ClosureRoots.Of(graph))
            roots.Set(TreePath.Name(root), new SymbolicLinkNode(Metadata.DefaultFile with { Permissions = LinkPermissions }, root));
        return tree;
    }

    /// <summary>Nix's state directory, without a leading slash: <c>nix/var/nix</c> for <c>/nix/store</c>, and so for every store beside it.</summary>
    private static ByteString StateDirectory(ByteString storeDirectory) =>
        TreePath.Join(TreePath.Parent(new(storeDirectory.Span[1..])), ByteString.FromText("var/nix"));

    /// <summary>The database's own file, without a leading slash.</summary>
    public static ByteString DatabasePath(ByteString storeDirectory) =>
        TreePath.Join(StateDirectory(storeDirectory), ByteString.FromText("db/db.sqlite"));

    /// <summary>The directory of the links that keep paths from being collected, without a leading slash.</summary>
    public static ByteString RootsPath(ByteString storeDirectory) =>
        TreePath.Join(StateDirectory(storeDirectory), ByteString.FromText(RootsDirectory));

    private static DirectoryNode Make(DirectoryNode directory, ByteString path)
    {
        foreach (var component in TreePath.Components(path.Span))
        {
            var name = new ByteString(path.Span[component]);
            if (directory.Find(name) is not DirectoryNode next) directory.Set(name, next = Implied());
            directory = next;
        }

        return directory;
    }

    private static DirectoryNode Implied() => new(Metadata.DefaultDirectory, isImplied: true);
}
