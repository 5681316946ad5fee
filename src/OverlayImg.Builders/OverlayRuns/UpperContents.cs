using OverlayImg.Builders.Contents;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>What is in the upper before any script runs: the contents, where they land over the base.</summary>
internal sealed class UpperContents : IDisposable
{
    private readonly List<ByteSource> _archives = [];

    private UpperContents(DirectoryNode root) => Root = root;

    /// <summary>The upper's root. It hides the base's root, so it has that one's metadata where the contents don't say otherwise.</summary>
    public DirectoryNode Root { get; private set; }

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
        var upper = new UpperContents(new DirectoryNode(mergedBase.Root.Metadata));
        var (paths, keepDirlinks, storeDirectory) = options.Contents;
        if (paths.Count == 0) return upper;
        progress.Report(new StepStarted("Reading the contents"));
        try
        {
            var builder = new ContentsBuilder(
                new()
                {
                    KeepDirectoryLinks = keepDirlinks,
                    StoreDirectory = ByteString.FromText(storeDirectory),
                    Xattrs = options.KeepExtendedAttributes
                },
                path => upper.ReadArchive(path, scratch, cancellationToken));
            var contents = builder.Build(paths, cancellationToken);
            var landed = ContentsLanding.Land(contents.Tree, mergedBase, cancellationToken);
            foreach (var warning in contents.Warnings.Concat(landed.Warnings)) progress.Report(new Warning(warning));
            upper.Root = landed.Tree.Root;
            return upper;
        }
        catch
        {
            upper.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var archive in _archives) archive.Dispose();
    }

    private FileTree ReadArchive(string path, ScratchDirectory scratch, CancellationToken cancellationToken)
    {
        var archive = Tarball.Open(path, scratch, cancellationToken);
        _archives.Add(archive);
        var tar = TarTree.Read(archive, 0, archive.Length, new(path), cancellationToken);
        if (tar.UnresolvedLinks is [var link, ..])
            throw new InputException($"is a hard link to '{link.Target}', which is not in the archive",
                new(path, Path: link.Path.ToString(), Offset: link.Offset));
        return tar.Tree;
    }
}
