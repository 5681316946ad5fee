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
/// Runs extra commands on a layer: copies its files, all of which are the user's own, to a private directory of the
/// host, runs the commands there, and reads the directory back.
/// </summary>
internal static class StagedCommands
{
    /// <summary>Copies the layer, runs the commands, and reads the result.</summary>
    /// <param name="layer">The files before the commands run.</param>
    /// <param name="mergedBase">The merged parent layers, whose directories keep their owners; null without a base image.</param>
    /// <param name="session">
    /// Receives the output of the commands. Its cancellation ends the commands and all processes that they started.
    /// </param>
    /// <returns>The layer after the commands. The session keeps the content of its files open.</returns>
    /// <exception cref="InputException">The commands left an entry that a layer can't hold.</exception>
    /// <exception cref="MachineException">The disk has no space for the copy, or bash is missing.</exception>
    /// <exception cref="ScriptException">The commands failed.</exception>
    public static async Task<FileTree> RunAsync(PureLayerOptions options, FileTree layer, FileTree? mergedBase, Session session)
    {
        var cancellationToken = session.CancellationToken;
        var script = options.ExtraCommands!;
        session.Step("Copying the contents for the extra commands");
        var staging = session.Scratch.NewPath("layer");
        var staged = session.Own(await Task.Run(() => StagedTree.Write(layer, staging, cancellationToken), cancellationToken));
        session.Step("Running the extra commands");
        if (script.LineEndsWarning is { } warning) session.Warn(warning);
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
                // GNU tar does the same, and so does the layer that scripts leave in the guest.
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

    // The commands may create a directory of the base image to put a file into it.
    private static FileTree KeepBaseOwners(FileTree tree, FileTree before, FileTree mergedBase)
    {
        foreach (var (path, node) in tree.Walk().ToArray())
        {
            if (node is not DirectoryNode || before.Find(path.Span) is DirectoryNode) continue;
            if (mergedBase.Find(path.Span) is not DirectoryNode below) continue;
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
