using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Layers;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>
/// The tar of store paths as nixpkgs' stream script writes it: the directories above the store, then each path with the files below it.
/// Modes are those of the host, hard links become separate files, and a store path that is a symbolic link stays a link.
/// </summary>
internal static class StoreLayerTar
{
    private static readonly HostTreeOptions Reading = new() { Uid = 0, Gid = 0, Xattrs = false, NoticesEveryChange = true };

    /// <summary>The options for tars of store paths.</summary>
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

    /// <summary>Reads names and metadata of the store paths. File contents are read when the tar is read.</summary>
    /// <param name="above">The directories that lead to the store, such as <c>nix</c> and <c>nix/store</c>.</param>
    /// <param name="paths">Absolute store paths.</param>
    /// <param name="options">The result of <see cref="Options"/>.</param>
    /// <param name="cancellationToken">Checked for each file.</param>
    /// <exception cref="InputException">A store path does not exist, or a layer can't hold one of its files.</exception>
    /// <exception cref="MachineException">A file may not be read.</exception>
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
