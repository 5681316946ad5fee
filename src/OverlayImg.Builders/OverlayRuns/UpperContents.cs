using OverlayImg.Builders.Contents;
using OverlayImg.FileSystems;

namespace OverlayImg.Builders;

/// <summary>What is in the upper before any script runs: the contents, where they land over the base.</summary>
internal sealed class UpperContents : IDisposable
{
    private readonly ContentsTree? _contents;

    private UpperContents(DirectoryNode root, ContentsTree? contents) => (Root, _contents) = (root, contents);

    /// <summary>The upper's root. It hides the base's root, so it has that one's metadata where the contents don't say otherwise.</summary>
    public DirectoryNode Root { get; }

    /// <summary>Reads the contents and lands them.</summary>
    /// <param name="options">Which.</param>
    /// <param name="mergedBase">What they land over.</param>
    /// <param name="scratch">Where compressed archives are unpacked to.</param>
    /// <param name="progress">Is told warnings.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">A path does not exist, or holds what can't be in a layer.</exception>
    /// <exception cref="MachineException">Something may not be read, or there is no space for what must be unpacked.</exception>
    public static UpperContents Prepare(
        GuestLayerOptions options, FileTree mergedBase, ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (options.Tree is { } made) return new(made.Root, null);
        var (paths, keepDirlinks, storeDirectory) = options.Contents;
        if (paths.Count == 0) return new(Complete(new(new DirectoryNode(mergedBase.Root.Metadata)), mergedBase, options, progress), null);
        progress.Report(new StepStarted("Reading the contents"));
        var merging = new ContentsOptions
        {
            KeepDirectoryLinks = keepDirlinks,
            StoreDirectory = ByteString.FromText(storeDirectory),
            Xattrs = options.KeepExtendedAttributes,
        };
        var contents = ContentsTree.Read(paths, merging, scratch, cancellationToken);
        try
        {
            var landed = ContentsLanding.Land(contents.Tree, mergedBase, cancellationToken);
            foreach (var warning in contents.Warnings.Concat(landed.Warnings)) progress.Report(new Warning(warning));
            // On a base, the root is what the contents go into, and no part of them.
            var tree = options.From is null ? landed.Tree : new((DirectoryNode)landed.Tree.Root.WithMetadata(mergedBase.Root.Metadata));
            return new(Complete(tree, mergedBase, options, progress), contents);
        }
        catch
        {
            contents.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _contents?.Dispose();

    private static DirectoryNode Complete(FileTree tree, FileTree mergedBase, GuestLayerOptions options, IProgress<BuildEvent> progress)
    {
        new ReadyFiles(tree, mergedBase, new() { Contents = options.Contents, Ready = options.Ready }, progress).Add();
        return tree.Root;
    }
}
