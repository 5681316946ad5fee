using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Builders;

/// <summary>
/// Merges directories and tarballs into one tar or directory, as dockerTools' mergeDrvs does. Tarballs and names that begin with a dot, which
/// mergeDrvs ignores, are merged, too. Symbolic links stay links. A directory over a link to a directory merges with the target inside the tree.
/// </summary>
public static class ContentsMerge
{
    /// <summary>Merges the items and writes the output.</summary>
    /// <exception cref="InputException">An item does not exist, is damaged, or conflicts with an earlier item.</exception>
    /// <exception cref="MachineException">An item may not be read, or the host has no space.</exception>
    public static Task<MergeResult> RunAsync(MergeOptions options, Session session) =>
        Task.Run(() => Run(options, session), session.CancellationToken);

    /// <summary>Returns the items once all of them are known to exist: mergeDrvs' <c>onlyDeps</c>.</summary>
    /// <exception cref="InputException">An item does not exist.</exception>
    public static IReadOnlyList<string> Existing(IReadOnlyList<string> items) =>
        items.FirstOrDefault(item => !Path.Exists(item)) is { } missing ? throw new InputException("does not exist", new(missing)) : items;

    private static MergeResult Run(MergeOptions options, Session session)
    {
        var cancellationToken = session.CancellationToken;
        OutputPlace.RequireOutside(options.Output, options.Items);
        using var directory = options.Output.EndsWith('/') ? OutputDirectory.Prepare(options.Output) : null;
        using var tar = directory is null ? TarOutputFile.Prepare(TarDestination.Parse(options.Output)) : null;
        session.Step("Merging");
        var merging = new ContentsOptions
        {
            KeepDirectoryLinks = true,
            KeepHardLinks = true,
            // The root directory gets the metadata of the last item, so that the result can be an item of another merge.
            Dialect = Dialect.Dockerfile with { ContentsDescribeRoot = true },
            Xattrs = options.KeepExtendedAttributes,
        };
        var contents = ContentsTree.Read([.. options.Items.Select(ContentsSource.FromString)], merging, session).Over(new(null));
        session.Warn(contents.Warnings);
        if (tar is not null)
        {
            var writing = new TarWriterOptions
            {
                MTime = options.FileTime,
                MaximumSize = options.MaximumSize,
                HardLinks = TarHardLinks.Preserve,
                Xattrs = options.KeepExtendedAttributes,
            };
            TarTreeWriter.Write(contents.Tree, tar.Stream, writing, cancellationToken);
            return new(options.Output, contents.Tree.Walk().Count(), tar.Publish().Length);
        }

        session.Warn(HostTreeWriter.Write(contents.Tree, directory!.Staging, cancellationToken));
        directory.Publish();
        var nodes = contents.Tree.Walk().Select(entry => entry.Node).ToArray();
        return new(options.Output, nodes.Length, nodes.OfType<RegularFileNode>().Sum(file => file.Content.Length));
    }
}
