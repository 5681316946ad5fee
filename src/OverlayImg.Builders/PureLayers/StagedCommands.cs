using OverlayImg.Builders.Contents;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images;
using OverlayImg.Sandbox;
using OverlayImg.Sandbox.HostScripts;

namespace OverlayImg.Builders;

/// <summary>
/// What extra commands made of a layer: its files, all of them the user's own, were copied to a private directory of the host, the commands ran
/// there, and the result was read back.
/// </summary>
internal sealed class StagedCommands : IDisposable
{
    private readonly StagedTree _staged;

    private StagedCommands(StagedTree staged, FileTree tree) => (_staged, Tree) = (staged, tree);

    /// <summary>The layer now; its content is there until this is disposed of.</summary>
    public FileTree Tree { get; }

    /// <summary>Copies, runs, and reads back.</summary>
    /// <param name="options">The layer.</param>
    /// <param name="layer">The files before the commands.</param>
    /// <param name="mergedBase">The parent layers merged, whose directories keep their owners; null for none.</param>
    /// <param name="scratch">Where the commands work.</param>
    /// <param name="progress">Is told warnings and what the commands write.</param>
    /// <param name="cancellationToken">Ends the work, and the commands with all that they started.</param>
    /// <exception cref="InputException">The commands left what can't be in a layer.</exception>
    /// <exception cref="MachineException">There is no space for the copy, or no bash.</exception>
    /// <exception cref="ScriptException">The commands failed.</exception>
    public static async Task<StagedCommands> RunAsync(PureLayerOptions options, FileTree layer, FileTree? mergedBase, ScratchDirectory scratch,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var script = options.ExtraCommands!;
        progress.Report(new StepStarted("Copying the contents for the extra commands"));
        var staging = scratch.NewPath("layer");
        var staged = await Task.Run(() => StagedTree.Write(layer, staging, cancellationToken), cancellationToken);
        try
        {
            progress.Report(new StepStarted("Running the extra commands"));
            var text = scratch.NewPath("extra-commands");
            await File.WriteAllBytesAsync(text, script.Text, cancellationToken);
            var home = Directory.CreateDirectory(scratch.NewPath("home")).FullName;
            using var output = new ScriptOutputStream(progress);
            await HostScript.RunAsync(text, staging, home, options.FileTime.Seconds, output, cancellationToken);
            var tree = await Task.Run(() => ReadBack(staged, options, progress, cancellationToken), cancellationToken);
            if (mergedBase is not null && options.Dialect.KeepsOwners) tree = KeepBaseOwners(tree, layer, mergedBase);
            return new(staged, tree);
        }
        catch
        {
            staged.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _staged.Dispose();

    private static FileTree ReadBack(
        StagedTree staged, PureLayerOptions options, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var reading = new HostTreeOptions { Uid = options.Uid ?? 0, Gid = options.Gid ?? 0, Xattrs = options.KeepExtendedAttributes };
        var tree = staged.ReadBack(reading, cancellationToken);
        foreach (var (path, node) in tree.Walk().ToArray())
        {
            if (node.Type == FileType.Socket)
            {
                // As GNU tar does, and as it is for what scripts leave in the guest.
                progress.Report(new Warning($"{path} is a socket, which no layer can hold; it is left out."));
                ((DirectoryNode)tree.Find(TreePath.Parent(path).Span)!).Remove(TreePath.Name(path));
                continue;
            }

            ContentsRules.Check("the result of the extra commands", path, node);
            if (OverlayForm.Plain(node.ExtendedAttributes) is var plain && plain.Count < node.ExtendedAttributes.Count)
            {
                progress.Report(new Warning($"{path}: {OverlayForm.LeftOut}"));
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
