using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Layers;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>
/// The tar of store paths as nixpkgs' stream script writes it (spec dockertools, 1.13): the directories above the store, then each path with all below
/// it. Modes are the host's; hard links become files of their own; a store path that is a symbolic link stays one.
/// </summary>
internal static class StoreLayerTar
{
    private static readonly HostTreeOptions Reading = new() { Uid = 0, Gid = 0, Xattrs = false, NoticesEveryChange = true };

    /// <summary>How such layers are written.</summary>
    public static TarWriterOptions Options(Timestamp fileTime, StoreOwner owner) => new()
    {
        MTime = fileTime,
        Uid = owner.Uid,
        Gid = owner.Gid,
        Uname = ByteString.FromText(owner.Uname),
        Gname = ByteString.FromText(owner.Gname),
        HardLinks = TarHardLinks.Dereference,
        Names = TarNames.Absolute,
        Format = TarFormat.Python,
        Xattrs = false,
    };

    /// <summary>Reads names and metadata of the store paths; their content is read when the tar is.</summary>
    /// <param name="above">The directories that lead to the store.</param>
    /// <param name="paths">Absolute.</param>
    /// <param name="options">See <see cref="Options"/>.</param>
    /// <param name="cancellationToken">Looked at for each file.</param>
    /// <exception cref="InputException">A path is not there, or holds what can't be in a layer.</exception>
    /// <exception cref="MachineException">Something may not be read.</exception>
    public static TarContent Of(
        IEnumerable<ByteString> above, IEnumerable<ByteString> paths, TarWriterOptions options, CancellationToken cancellationToken) =>
        TarContent.Of(
            above.Select(path => new TreeEntry(path, new DirectoryNode(Metadata.DefaultDirectory)))
                .Concat(paths.Select(path => new TreeEntry(new(path.Span[1..]), Read(path, cancellationToken)))),
            options, cancellationToken);

    private static FileNode Read(ByteString path, CancellationToken cancellationToken)
    {
        var node = HostTree.ReadNode(path, Reading, cancellationToken) ?? throw ReferenceScan.IsMissing(path);
        var entries = node is DirectoryNode directory ? new FileTree(directory).Walk() : [new(ByteString.Empty, node)];
        foreach (var (inside, entry) in entries) LayerRules.Check(path.ToString(), inside, entry);
        return node;
    }
}
