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
    private readonly List<string> _warnings = [];

    private ContentsTree()
    {
    }

    /// <summary>The contents, not landed on any base yet.</summary>
    public ContentsResult Result { get; private set; } = new(new(), []);

    /// <summary>The tree of the contents.</summary>
    public FileTree Tree => Result.Tree;

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
            var builder = new ContentsBuilder(options, path => contents.ReadArchive(path, options.Xattrs, scratch, cancellationToken));
            var result = builder.Build(paths, cancellationToken);
            contents.Result = result with { Warnings = [.. contents._warnings, .. result.Warnings] };
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

    private FileTree ReadArchive(string path, bool xattrs, ScratchDirectory scratch, CancellationToken cancellationToken)
    {
        var archive = Tarball.Open(path, scratch, cancellationToken);
        _archives.Add(archive);
        var accounts = xattrs ? new AccountNumbers() : null;
        var tar = Tarball.Read(archive, new(path), accounts, cancellationToken);
        if (tar.Tree.Root is { IsImplied: true, Count: 0 }) _warnings.Add($"{path}: the archive has no files");
        if (accounts?.Used.Count > 0)
        {
            _warnings.Add($"{path}: access control lists name users and groups without their numbers, which are this machine's: " +
                string.Join(", ", accounts.Used));
        }

        if (tar.UnresolvedLinks is [var link, ..])
            throw new InputException($"is a hard link to '{link.Target}', which is not in the archive",
                new(path, Path: link.Path.ToString(), Offset: link.Offset));
        return tar.Tree;
    }
}
