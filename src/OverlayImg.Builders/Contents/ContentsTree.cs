using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images;

namespace OverlayImg.Builders.Contents;

/// <summary>
/// The tree that directories and tarballs of the host make together; its content lies in them, and they stay open as long as this is.
/// </summary>
internal sealed class ContentsTree : IDisposable
{
    private readonly List<ByteSource> _archives = [];

    private ContentsTree()
    {
    }

    /// <summary>The tree, where it is not landed anywhere yet.</summary>
    public FileTree Tree { get; private set; } = new();

    /// <summary>What the user may not have meant, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>Reads and merges them.</summary>
    /// <param name="paths">Directories and tarballs; later ones win.</param>
    /// <param name="options">How they are merged.</param>
    /// <param name="scratch">Where compressed tarballs are unpacked to.</param>
    /// <param name="cancellationToken">Looked at for each file.</param>
    /// <exception cref="InputException">A path does not exist, or holds what can't be in a layer.</exception>
    /// <exception cref="MachineException">Something may not be read, or there is no space for what must be unpacked.</exception>
    public static ContentsTree Read(
        IEnumerable<string> paths, ContentsOptions options, ScratchDirectory scratch, CancellationToken cancellationToken)
    {
        var contents = new ContentsTree();
        try
        {
            var builder = new ContentsBuilder(options, path => contents.ReadArchive(path, scratch, cancellationToken));
            (contents.Tree, contents.Warnings) = builder.Build(paths, cancellationToken);
            return contents;
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
