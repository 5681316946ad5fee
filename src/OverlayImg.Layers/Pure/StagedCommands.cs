using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Scripts;
using OverlayImg.Sandbox.HostScripts;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Pure;

/// <summary>
/// Runs extra commands on a layer: its files, all of them the user's own, are copied to a private directory of the host, the commands run there, and the
/// result is read back.
/// </summary>
internal static class StagedCommands
{
    /// <summary>Copies, runs, and reads back.</summary>
    /// <param name="options">The layer.</param>
    /// <param name="layer">The files before the commands.</param>
    /// <param name="mergedBase">The parent layers merged, whose directories keep their owners; null for none.</param>
    /// <param name="session">The operation. It is told what the commands write. Its end ends the commands with all that they started.</param>
    /// <returns>The layer now; its content is there as long as the session.</returns>
    /// <exception cref="InputException">The commands left what can't be in a layer.</exception>
    /// <exception cref="MachineException">There is no space for the copy, or no bash.</exception>
    /// <exception cref="ScriptException">The commands failed.</exception>
    public static async Task<FileTree> RunAsync(PureLayerOptions options, FileTree layer, FileTree? mergedBase, Session session)
    {
        var cancellationToken = session.CancellationToken;
        var script = options.ExtraCommands!;
        session.Step("Copying the contents for the extra commands");
        var staging = session.Scratch.NewPath("layer");
        var staged = session.Own(await Task.Run(() => StagedTree.Write(layer, staging, cancellationToken), cancellationToken));
        session.Step("Running the extra commands");
        var text = session.Scratch.NewPath("extra-commands");
        await File.WriteAllBytesAsync(text, script.Text, cancellationToken);
        var home = Directory.CreateDirectory(session.Scratch.NewPath("home")).FullName;
        using var output = new ScriptOutputStream(session.Progress);
        await HostScript.RunAsync(text, staging, home, options.FileTime.Seconds, output, cancellationToken);
        var tree = await Task.Run(() => ReadBack(staged, options, session), cancellationToken);
        return mergedBase is not null && options.Dialect.KeepsOwners ? KeepBaseOwners(tree, layer, mergedBase) : tree;
    }

    private static FileTree ReadBack(StagedTree staged, PureLayerOptions options, Session session)
    {
        var reading = new HostTreeOptions { Uid = options.Uid ?? 0, Gid = options.Gid ?? 0, Xattrs = options.KeepExtendedAttributes };
        var tree = staged.ReadBack(reading, session.CancellationToken);
        foreach (var (path, node) in tree.Walk().ToArray())
        {
            if (node.Type == FileType.Socket)
            {
                // As GNU tar does, and as it is for what scripts leave in the guest.
                session.Warn($"{path} is a socket, which no layer can hold; it is left out.");
                ((DirectoryNode)tree.Find(TreePath.Parent(path).Span)!).Remove(TreePath.Name(path));
                continue;
            }

            LayerRules.Check("the result of the extra commands", path, node);
            if (OverlayForm.Plain(node.ExtendedAttributes) is var plain && plain.Count < node.ExtendedAttributes.Count)
            {
                session.Warn($"{path}: {OverlayForm.LeftOut}");
                tree = Replace(tree, path, node.WithMetadata(node.Metadata with { ExtendedAttributes = plain }));
            }
        }

        return tree;
    }

    // The commands may make a directory that the base has, to put a file in it.
    private static FileTree KeepBaseOwners(FileTree tree, FileTree before, FileTree mergedBase)
    {
        foreach (var (path, node) in tree.Walk().ToArray())
        {
            if (node is not DirectoryNode || before.Find(path.Span) is DirectoryNode || mergedBase.Find(path.Span) is not DirectoryNode below) continue;
            tree = Replace(tree, path, node.WithMetadata(node.Metadata with { Uid = below.Uid, Gid = below.Gid }));
        }

        return tree;
    }

    private static FileTree Replace(FileTree tree, ByteString path, FileNode node)
    {
        if (path.IsEmpty) return new((DirectoryNode)node);
        ((DirectoryNode)tree.Find(TreePath.Parent(path).Span)!).Set(TreePath.Name(path), node);
        return tree;
    }
}
