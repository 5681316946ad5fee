using OverlayImg.Builders.Contents;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Sandbox;

namespace OverlayImg.Builders;

/// <summary>
/// The tree of a pure layer, and how it is packed: what <see cref="TarTreeWriter"/> writes of the two is the seeds' <c>layer.tar</c>
/// (spec dockertools, 1.9, steps 1 to 4). The tree's content is there until this is disposed of.
/// </summary>
internal sealed class PureLayer : IDisposable
{
    private readonly ContentsTree _contents;
    private readonly StagedCommands? _commands;

    private PureLayer(ContentsTree contents, FileTree tree, StagedCommands? commands, PureLayerOptions options)
    {
        (_contents, Tree, _commands) = (contents, tree, commands);
        TarOptions = new()
        {
            MTime = options.FileTime,
            HardLinks = TarHardLinks.Dereference,
            Xattrs = options.KeepExtendedAttributes,
            MaximumSize = options.MaximumSize,
        };
    }

    /// <summary>The layer. Every node has the owner that it is packed with: the one asked for, or the base image's for a directory of the base
    /// that only leads to contents behind a link.</summary>
    public FileTree Tree { get; }

    /// <summary>How it is packed.</summary>
    public TarWriterOptions TarOptions { get; }

    /// <summary>Reads the contents, lands them over the base, adds what is asked for, and runs the extra commands.</summary>
    /// <param name="options">The layer.</param>
    /// <param name="mergedBase">The parent layers merged, without whiteouts; null for none. Nothing of it comes onto the host.</param>
    /// <param name="scratch">Where tarballs are unpacked to and the extra commands work.</param>
    /// <param name="progress">Is told warnings and what the commands write.</param>
    /// <param name="cancellationToken">Ends the work, and the commands with all that they started.</param>
    /// <exception cref="InputException">Contents do not exist, or hold what can't be in a layer.</exception>
    /// <exception cref="MachineException">Something may not be read, or there is no space for the copy.</exception>
    /// <exception cref="ScriptException">The extra commands failed.</exception>
    public static async Task<PureLayer> PrepareAsync(PureLayerOptions options, FileTree? mergedBase, ScratchDirectory scratch,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (options.Contents.Paths.Count > 0) progress.Report(new StepStarted("Reading the contents"));
        var contents = await Task.Run(() => ReadContents(options, scratch, cancellationToken), cancellationToken);
        try
        {
            var (tree, landingWarnings) = ContentsLanding.Land(contents.Tree, mergedBase, cancellationToken);
            foreach (var warning in contents.Warnings.Concat(landingWarnings)) progress.Report(new Warning(warning));
            if (mergedBase is not null && options.KeepsBaseRoot) tree = new((DirectoryNode)tree.Root.WithMetadata(mergedBase.Root.Metadata));
            new ReadyFiles(tree, mergedBase, options, progress).Add();
            if (options.ExtraCommands is null) return new(contents, tree, null, options);
            var commands = await StagedCommands.RunAsync(options, tree, scratch, progress, cancellationToken);
            return new(contents, commands.Tree, commands, options);
        }
        catch
        {
            contents.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _commands?.Dispose();
        _contents.Dispose();
    }

    private static ContentsTree ReadContents(PureLayerOptions options, ScratchDirectory scratch, CancellationToken cancellationToken)
    {
        var merging = new ContentsOptions
        {
            KeepDirectoryLinks = options.Contents.KeepDirlinks,
            StoreDirectory = ByteString.FromText(options.Contents.StoreDirectory),
            LinksIntoStore = options.Contents.LinksIntoStore,
            Uid = options.Uid,
            Gid = options.Gid,
            Xattrs = options.KeepExtendedAttributes,
        };
        return ContentsTree.Read(options.Contents.Paths, merging, scratch, cancellationToken);
    }
}
