using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Archives;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Contents;

/// <summary>
/// The files of directories, tarballs and copies. File content is read from them on demand; the session owns the open tarballs.
/// </summary>
internal sealed class ContentsTree
{
    private readonly List<string> _warnings = [];
    private readonly Session _session;
    private readonly ContentsOptions _options;

    private ContentsTree(ContentsOptions options, Session session) => (_options, _session) = (options, session);

    /// <summary>The parts in their order. Without copies they are one part.</summary>
    public IReadOnlyList<ContentsPart> Parts { get; private set; } = [];

    /// <summary>The files of each part, before <see cref="Over"/> applies the part.</summary>
    public IEnumerable<FileTree> Trees => Parts.Select(part => part.Tree);

    /// <summary>Reads the contents, and merges consecutive directories and tarballs.</summary>
    /// <param name="sources">Directories, tarballs and copies. A file of a later source wins.</param>
    /// <exception cref="InputException">A path does not exist, or has an entry that a layer can't hold.</exception>
    /// <exception cref="MachineException">A file can't be read, or the disk has no space to unpack a compressed tarball.</exception>
    public static ContentsTree Read(IReadOnlyList<ContentsSource> sources, ContentsOptions options, Session session)
    {
        var contents = new ContentsTree(options, session);
        contents.Parts = contents.ReadParts(sources);
        return contents;
    }

    /// <summary>
    /// Applies the parts to the base image, one after the other: directories and tarballs by <see cref="ContentsLanding"/>, copies by
    /// <see cref="CopyPlacement"/>.
    /// </summary>
    /// <exception cref="InputException">A part and the base image conflict, or the owner or the place of a copy is unknown.</exception>
    public ContentsResult Over(ContentsBase below)
    {
        var warnings = new List<string>(_warnings);
        var uppers = new List<FileTree>();
        var view = below.Merged;
        foreach (var part in Parts)
        {
            if (uppers.Count > 0) view = LayerStack.Merge(view is null ? [uppers[^1]] : [view, uppers[^1]], _session.CancellationToken);
            var placed = part.Source is null ? part.Merged : new CopyPlacement(part, view ?? new(), below, _options).Place();
            var landed = ContentsLanding.Land(placed, view, _session.CancellationToken);
            warnings.AddRange(landed.Warnings);
            uppers.Add(landed.Tree);
        }

        return new(UpperStack.Merge(uppers), warnings);
    }

    private List<ContentsPart> ReadParts(IReadOnlyList<ContentsSource> sources)
    {
        var builder = new ContentsBuilder(_options, ReadArchive) { ExclusionsOf = new ContentsExclusions(_options, _session).Of };
        // Without sources the merged contents are an empty root directory, as dockerTools makes it.
        if (sources.Count == 0) return [new(builder.Build([], _session.CancellationToken))];
        var parts = new List<ContentsPart>();
        for (var index = 0; index < sources.Count;)
        {
            if (sources[index].Copy is not null)
            {
                parts.Add(builder.ReadCopy(sources[index++], path => PipeContent.Read(path, _session), _session.CancellationToken));
                continue;
            }

            var group = sources.Skip(index).TakeWhile(source => source.Copy is null).Select(source => source.Path).ToArray();
            parts.Add(new(builder.Build(group, _session.CancellationToken)));
            index += group.Length;
        }

        return parts;
    }

    private FileTree ReadArchive(string path)
    {
        var xattrs = _options.Xattrs;
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
