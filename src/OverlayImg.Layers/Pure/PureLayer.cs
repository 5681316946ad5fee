using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Ready;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Pure;

/// <summary>
/// The tree of a pure layer, and how it is packed: what <see cref="TarTreeWriter"/> writes of the two is the seeds' <c>layer.tar</c>
/// (spec dockertools, 1.9, steps 1 to 4). The tree's content is there as long as the session.
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

    /// <summary>The layer. Every node has the owner that it is packed with.</summary>
    public FileTree Tree { get; }

    /// <summary>How it is packed.</summary>
    public TarWriterOptions TarOptions { get; }

    /// <summary>Reads the contents, lands them over the base, adds what is asked for, and runs the extra commands.</summary>
    /// <param name="options">The layer.</param>
    /// <param name="mergedBase">The parent layers merged, without whiteouts; null for none. Nothing of it comes onto the host.</param>
    /// <param name="session">The operation. Its end ends the commands with all that they started.</param>
    /// <exception cref="InputException">Contents do not exist, or hold what can't be in a layer.</exception>
    /// <exception cref="MachineException">Something may not be read, or there is no space for the copy.</exception>
    /// <exception cref="ScriptException">The extra commands failed.</exception>
    public static async Task<PureLayer> PrepareAsync(PureLayerOptions options, FileTree? mergedBase, Session session)
    {
        var cancellationToken = session.CancellationToken;
        if (options.Contents.Paths.Count > 0) session.Step("Reading the contents");
        var contents = await Task.Run(() => ReadContents(options, session), cancellationToken);
        var (tree, warnings) = ContentsLanding.Land(contents.Result, mergedBase, cancellationToken);
        session.Warn(warnings);
        if (mergedBase is not null && !options.Dialect.ContentsDescribeRoot) tree = new((DirectoryNode)tree.Root.WithMetadata(mergedBase.Root.Metadata));
        await Task.Run(() => options.Closure?.Search(contents.Tree), cancellationToken);
        new ReadyFiles(tree, mergedBase, options.Contents) { Closure = options.Closure, Uid = options.Uid ?? 0, Gid = options.Gid ?? 0 }.Add(options.Ready, session);
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
        return ContentsTree.Read(options.Contents.Paths, merging, session);
    }
}
