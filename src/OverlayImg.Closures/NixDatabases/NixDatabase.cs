using OverlayImg.FileSystems;

namespace OverlayImg.Closures.NixDatabases;

/// <summary>
/// The files by which Nix in a container knows its store paths (dockerTools' buildImageWithNixDb): the database, and
/// roots that keep the paths from the garbage collector.
/// </summary>
internal static class NixDatabase
{
    /// <summary>The directory of the roots, in Nix's state directory.</summary>
    private const string RootsDirectory = "gcroots/docker";

    // Nix 2.0 and later read the version from this file before they open the database.
    private const string SchemaVersion = "10";
    private const ushort LinkPermissions = 0x1FF /* 0777 */;

    /// <summary>Returns the files. Their directories are implied, so the image's directories keep their metadata.</summary>
    /// <param name="graph">The store paths to register. Missing hashes and sizes of Nix archives are computed from the store.</param>
    /// <param name="registrationTime">The time at which every path claims to be registered.</param>
    /// <exception cref="InputException">
    /// A store path has an entry that a Nix archive can't hold, or changed while it was read.
    /// </exception>
    /// <exception cref="MachineException">A file in the store can't be read.</exception>
    public static FileTree Tree(ClosureGraph graph, Timestamp registrationTime, CancellationToken cancellationToken)
    {
        var nars = NarHashing.Of(graph.Paths, cancellationToken);
        var database = ValidPaths.Database(graph.Paths, nars, registrationTime.Seconds);
        var tree = new FileTree(Implied());
        var databasePath = DatabasePath(graph.StoreDirectory);
        var directory = Make(tree.Root, TreePath.Parent(databasePath));
        directory.Set(TreePath.Name(databasePath), new RegularFileNode(Metadata.DefaultFile, new MemoryContent(database)));
        var version = new MemoryContent(ByteString.FromText(SchemaVersion).Memory);
        directory.Set(ByteString.FromText("schema"), new RegularFileNode(Metadata.DefaultFile, version));
        var roots = Make(tree.Root, RootsPath(graph.StoreDirectory));
        foreach (var root in ClosureRoots.Of(graph))
            roots.Set(TreePath.Name(root), new SymbolicLinkNode(Metadata.DefaultFile with { Permissions = LinkPermissions }, root));
        return tree;
    }

    /// <summary>
    /// Returns Nix's state directory, without a leading slash: <c>nix/var/nix</c> for <c>/nix/store</c>, and likewise for other stores.
    /// </summary>
    private static ByteString StateDirectory(ByteString storeDirectory) =>
        TreePath.Join(TreePath.Parent(new(storeDirectory.Span[1..])), ByteString.FromText("var/nix"));

    /// <summary>Returns the path of the database file, without a leading slash.</summary>
    public static ByteString DatabasePath(ByteString storeDirectory) =>
        TreePath.Join(StateDirectory(storeDirectory), ByteString.FromText("db/db.sqlite"));

    /// <summary>Returns the directory of the roots, without a leading slash.</summary>
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
