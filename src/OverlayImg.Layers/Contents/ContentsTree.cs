using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Archives;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Contents;

/// <summary>
/// The merged tree of directories and tarballs. File content is read from them on demand; the session owns the open tarballs.
/// </summary>
internal sealed class ContentsTree
{
    private readonly List<string> _warnings = [];
    private readonly Session _session;

    private ContentsTree(Session session) => _session = session;

    /// <summary>The merged contents, before <see cref="ContentsLanding"/> applies them to a base image.</summary>
    public ContentsResult Result { get; private set; } = new(new(), []);

    public FileTree Tree => Result.Tree;

    /// <summary>Reads and merges the contents.</summary>
    /// <param name="paths">Directories and tarballs. A file of a later path wins.</param>
    /// <exception cref="InputException">A path does not exist, or has an entry that a layer can't hold.</exception>
    /// <exception cref="MachineException">A file can't be read, or the disk has no space to unpack a compressed tarball.</exception>
    public static ContentsTree Read(IEnumerable<string> paths, ContentsOptions options, Session session)
    {
        var contents = new ContentsTree(session);
        var builder = new ContentsBuilder(options, path => contents.ReadArchive(path, options.Xattrs))
        {
            ExclusionsOf = new ContentsExclusions(options, session).Of,
        };
        var result = builder.Build(paths, session.CancellationToken);
        contents.Result = result with { Warnings = [.. contents._warnings, .. result.Warnings] };
        return contents;
    }

    private FileTree ReadArchive(string path, bool xattrs)
    {
        var archive = _session.Own(Tarball.Open(path, _session.Scratch, _session.CancellationToken));
        var accounts = xattrs ? new AccountNumbers() : null;
        var tar = Tarball.Read(archive, new(path), accounts, _session.CancellationToken);
        if (tar.Tree.Root is { IsImplied: true, Count: 0 }) _warnings.Add($"{path}: the archive has no files.");
        if (accounts?.Used.Count > 0)
        {
            _warnings.Add($"{path}: access control lists name users and groups without their numbers, so this machine's numbers are used: " +
                $"{string.Join(", ", accounts.Used)}.");
        }

        if (tar.UnresolvedLinks is [var link, ..])
            throw new InputException($"is a hard link to '{link.Target}', which is not in the archive",
                new(path, Path: link.Path.ToString(), Offset: link.Offset));
        return tar.Tree;
    }
}
