using OverlayImg.Closures;
using OverlayImg.Closures.NixDatabases;
using OverlayImg.FileSystems;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Layers.LayerClosures;

/// <summary>
/// The Nix database of a layer. As with dockerTools, the database is in the layer before scripts run, so that scripts
/// can change its owner. Store paths that only the results of scripts name are registered afterwards.
/// </summary>
/// <param name="registrationTime">The time at which every store path claims to be registered.</param>
/// <param name="uid">User ID of the files.</param>
/// <param name="gid">Group ID of the files.</param>
internal sealed class LayerDatabase(Timestamp registrationTime, uint uid, uint gid)
{
    private byte[] _made = [];

    /// <summary>Adds the database of a closure to a layer.</summary>
    /// <exception cref="InputException">The closure is empty, or a store path can't be registered.</exception>
    /// <exception cref="MachineException">A file in the store can't be read.</exception>
    public FileTree AddTo(
        FileTree layer, FileTree? mergedBase, ClosureGraph graph, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (graph.Paths.Count == 0)
        {
            throw new InputException(
                $"the Nix database would be empty: no closure was given, and neither contents nor config name a path in {graph.StoreDirectory}")
            {
                Advice = new(
                    "Give the file of a closure, or, if the store is not /nix/store, the directory of the store.",
                    ClosureSetting.File, ClosureSetting.StoreDirectory),
            };
        }

        progress.Report(new StepStarted("Making the Nix database"));
        var path = NixDatabase.DatabasePath(graph.StoreDirectory);
        var files = Owned(NixDatabase.Tree(graph, registrationTime, cancellationToken));
        _made = BytesOf((RegularFileNode)files.Find(path.Span)!);
        if (mergedBase?.Find(path.Span) is not null)
        {
            progress.Report(new Warning(
                "The new Nix database replaces the database of the base image and does not have the base image's store paths."));
        }

        return LayerStack.Merge([layer, ContentsLanding.Land(new(files, []), mergedBase, cancellationToken).Tree], cancellationToken);
    }

    /// <summary>Registers the store paths that were added to the closure. Owners and modes stay as the scripts left them.</summary>
    /// <param name="layer">Changed.</param>
    /// <param name="progress">Receives a warning if a script changed the database, which is then left as it is.</param>
    public void Complete(FileTree layer, ClosureGraph graph, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var path = NixDatabase.DatabasePath(graph.StoreDirectory);
        if (layer.Find(path.Span) is not RegularFileNode present || !IsAsMade(present))
        {
            progress.Report(new Warning(
                "A script changed the Nix database, so store paths that only the results of scripts name are not registered in it."));
            return;
        }

        var files = NixDatabase.Tree(graph, registrationTime, cancellationToken);
        var complete = (RegularFileNode)files.Find(path.Span)!;
        Set(layer, path, new RegularFileNode(present.Metadata, complete.Content));
        var roots = NixDatabase.RootsPath(graph.StoreDirectory);
        if (layer.Find(roots.Span) is not DirectoryNode directory) return;
        foreach (var (name, root) in ((DirectoryNode)files.Find(roots.Span)!).SortedEntries())
        {
            if (directory.Find(name) is null) directory.Set(name, root.WithMetadata(root.Metadata with { Uid = present.Uid, Gid = present.Gid }));
        }
    }

    private bool IsAsMade(RegularFileNode database) => database.Content.Length == _made.Length && BytesOf(database).AsSpan().SequenceEqual(_made);

    private FileTree Owned(FileTree files)
    {
        foreach (var (path, node) in files.Walk().ToArray())
        {
            if (node is not DirectoryNode) Set(files, path, node.WithMetadata(node.Metadata with { Uid = uid, Gid = gid }));
        }

        return files;
    }

    private static void Set(FileTree tree, ByteString path, FileNode node) =>
        ((DirectoryNode)tree.Find(TreePath.Parent(path).Span)!).Set(TreePath.Name(path), node);

    private static byte[] BytesOf(RegularFileNode file)
    {
        var bytes = new byte[file.Content.Length];
        file.Content.Read(0, bytes);
        return bytes;
    }
}
