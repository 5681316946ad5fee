using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Builders;

/// <summary>
/// dockerTools' mergeDrvs (spec dockertools, 1.3), with the tarballs and the names beginning with a dot that the original misses: trees → tree →
/// tar, or directory. Links stay links; a directory that meets a link to a directory merges with what it leads to, inside the tree.
/// </summary>
public static class ContentsMerge
{
    /// <summary>Merges.</summary>
    /// <exception cref="InputException">An item does not exist, is damaged, or does not go together with those before it.</exception>
    /// <exception cref="MachineException">Something may not be read, or there is no space.</exception>
    public static Task<MergeResult> RunAsync(MergeOptions options, Session session) =>
        Task.Run(() => Run(options, session), session.CancellationToken);

    /// <summary>The items themselves, all of which exist: mergeDrvs' <c>onlyDeps</c>.</summary>
    /// <exception cref="InputException">One does not exist.</exception>
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
            // The result has the top directory of the last item: it is one more item for another merge.
            Dialect = Dialect.Dockerfile with { ContentsDescribeRoot = true },
            Xattrs = options.KeepExtendedAttributes,
        };
        var contents = ContentsTree.Read(options.Items, merging, session);
        session.Warn(contents.Result.Warnings);
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
