using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Archives;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Contents;

/// <summary>The tree that directories and tarballs of the host make together. Its content lies in them; the session owns the open tarballs.</summary>
internal sealed class ContentsTree
{
    private readonly List<string> _warnings = [];
    private readonly Session _session;

    private ContentsTree(Session session) => _session = session;

    /// <summary>The contents, not landed on any base yet.</summary>
    public ContentsResult Result { get; private set; } = new(new(), []);

    /// <summary>The tree of the contents.</summary>
    public FileTree Tree => Result.Tree;

    /// <summary>Reads and merges them.</summary>
    /// <param name="paths">Directories and tarballs; later ones win.</param>
    /// <param name="options">How they are merged.</param>
    /// <param name="session">The operation.</param>
    /// <exception cref="InputException">A path does not exist, or holds what can't be in a layer.</exception>
    /// <exception cref="MachineException">Something may not be read, or there is no space for what must be unpacked.</exception>
    public static ContentsTree Read(IEnumerable<string> paths, ContentsOptions options, Session session)
    {
        var contents = new ContentsTree(session);
        var builder = new ContentsBuilder(options, path => contents.ReadArchive(path, options.Xattrs)) { ExclusionsOf = new ContentsExclusions(options, session).Of };
        var result = builder.Build(paths, session.CancellationToken);
        contents.Result = result with { Warnings = [.. contents._warnings, .. result.Warnings] };
        return contents;
    }

    private FileTree ReadArchive(string path, bool xattrs)
    {
        var archive = _session.Own(Tarball.Open(path, _session.Scratch, _session.CancellationToken));
        var accounts = xattrs ? new AccountNumbers() : null;
        var tar = Tarball.Read(archive, new(path), accounts, _session.CancellationToken);
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
