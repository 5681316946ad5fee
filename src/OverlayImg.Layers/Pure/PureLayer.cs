using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Ready;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Pure;

/// <summary>
/// The tree of a layer that is made without a guest, and the options for packing it. <see cref="TarTreeWriter"/> then
/// writes the same bytes as dockerTools' <c>layer.tar</c>. The session keeps the content of the files open.
/// </summary>
internal sealed class PureLayer
{
    private PureLayer(FileTree tree, PureLayerOptions options)
    {
        Tree = tree;
        TarOptions = new()
        {
            MTime = options.FileTime,
            MaximumSize = options.MaximumSize,
            HardLinks = options.Dialect.KeepsHardLinks ? TarHardLinks.Preserve : TarHardLinks.Dereference,
            Xattrs = options.KeepExtendedAttributes,
        };
    }

    /// <summary>The tree of the layer. Every node has its final owner.</summary>
    public FileTree Tree { get; }

    /// <summary>Options for packing the layer.</summary>
    public TarWriterOptions TarOptions { get; }

    /// <summary>Reads the contents, applies them to the base image, adds ready-made files, and runs the extra commands.</summary>
    /// <param name="below">The base image. No file of it is written to the host.</param>
    /// <param name="session">Its cancellation ends the commands and all processes that they started.</param>
    /// <exception cref="InputException">Contents do not exist, or have an entry that a layer can't hold.</exception>
    /// <exception cref="MachineException">A file can't be read, or the disk has no space for the copy.</exception>
    /// <exception cref="ScriptException">The extra commands failed.</exception>
    public static async Task<PureLayer> PrepareAsync(PureLayerOptions options, ContentsBase below, Session session)
    {
        var cancellationToken = session.CancellationToken;
        var mergedBase = below.Merged;
        if (!options.Contents.IsEmpty) session.Step("Reading the contents");
        var contents = await Task.Run(() => ReadContents(options, session), cancellationToken);
        var (tree, warnings) = contents.Over(below);
        session.Warn(warnings);
        if (mergedBase is not null && !options.Dialect.ContentsDescribeRoot)
            tree = new((DirectoryNode)tree.Root.WithMetadata(mergedBase.Root.Metadata));
        await Task.Run(() => options.Closure?.Search(contents.Trees), cancellationToken);
        new ReadyFiles(tree, mergedBase, options.Contents) { Closure = options.Closure, Uid = options.Uid ?? 0, Gid = options.Gid ?? 0 }
            .Add(options.Ready, session);
        tree = await Task.Run(() => options.Closure?.Prepare(tree, mergedBase, session.Progress) ?? tree, cancellationToken);
        return new(options.ExtraCommands is null ? tree : await StagedCommands.RunAsync(options, tree, mergedBase, session), options);
    }

    private static ContentsTree ReadContents(PureLayerOptions options, Session session)
    {
        var merging = ContentsOptions.Of(options.Contents, options.Dialect) with
        {
            AreRootFileSystem = options.ContentsAreRootFileSystem,
            Uid = options.Uid,
            Gid = options.Gid,
            Xattrs = options.KeepExtendedAttributes,
        };
        return ContentsTree.Read(options.Contents.Sources, merging, session);
    }
}
