
using OverlayImg.FileSystems;

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
    public static UpperContents Prepare(OverlayRunOptions options, FileTree mergedBase, ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var upper = new UpperContents(new DirectoryNode(mergedBase.Root.Metadata));
        if (options.Contents.Paths.Count == 0) return upper;
        progress.Report(new StepStarted("Reading the contents"));
        try
        {
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
}
