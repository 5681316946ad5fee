using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Builders;

/// <summary>The closure that an image's Nix database is to know.</summary>
internal static class RegisteredClosure
{
    private const string Step = "Registering the closure";

    /// <summary>The closure of the user's file; without one that of the contents which lie in the store, found by scanning.</summary>
    /// <exception cref="InputException">There is neither, or the file is wrong.</exception>
    /// <exception cref="MachineException">Something in the store may not be read.</exception>
    public static ClosureGraph Of(ImageBuildOptions options, CancellationToken cancellationToken)
    {
        var store = StorePaths.Directory(ByteString.FromText(options.Contents.StoreDirectory));
        if (options.ClosureFile is not null) return ClosureGraph.Read(options.ClosureFile, store, cancellationToken);
        ByteString[] roots = [.. options.Contents.Paths.Select(HostTree.RealPath).OfType<ByteString>()
            .Where(path => StorePaths.Containing(path, store) is not null)];
        if (roots.Length > 0) return ClosureGraph.Scan(roots, store, cancellationToken);
        throw new InputException($"there is nothing for a Nix database to know: no closure was given, and none of the contents lies in {store}")
        {
            Advice = "Give --closure FILE, or --store-dir where the store is not /nix/store.",
        };
    }

    /// <summary>Adds the database to the layer, owned as the layer's files are.</summary>
    public static void AddDatabase(
        ImageLayer layer, ClosureGraph graph, ImageBuildOptions options, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        progress.Report(new StepStarted(Step));
        var database = NixDatabase.Tree(graph, options.FileTime, cancellationToken);
        if (layer.Base?.Merged.Find(NixDatabase.DatabasePath(graph.StoreDirectory).Span) is not null)
        {
            progress.Report(new Warning(
                "The base image has a Nix database of its own. The new one takes its place and knows nothing of the base's store paths."));
        }

        layer.Add(options.RunsGuest ? database : OwnedBy(database, options.Uid ?? 0, options.Gid ?? 0), cancellationToken);
    }

    private static FileTree OwnedBy(FileTree files, uint uid, uint gid)
    {
        if (uid == 0 && gid == 0) return files;
        foreach (var (path, node) in files.Walk().ToArray())
        {
            if (node is DirectoryNode) continue;
            var directory = (DirectoryNode)files.Find(TreePath.Parent(path).Span)!;
            directory.Set(TreePath.Name(path), node.WithMetadata(node.Metadata with { Uid = uid, Gid = gid }));
        }

        return files;
    }
}
