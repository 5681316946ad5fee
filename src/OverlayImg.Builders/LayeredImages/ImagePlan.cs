using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Builders;

/// <summary>Divides what goes into an image into layers.</summary>
/// <param name="options">The image.</param>
/// <param name="available">How many layers there may be beside the customisation layer.</param>
/// <param name="progress">Is told of the steps.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class ImagePlan(LayeredImageOptions options, int available, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
{
    private readonly ByteString _store = StorePaths.Directory(ByteString.FromText(options.Contents.StoreDirectory));

    /// <summary>The new layers, bottom first.</summary>
    /// <param name="customisation">The layer that is made for this image alone.</param>
    /// <param name="closure">The store paths as the user gave them; null to find them.</param>
    /// <exception cref="InputException">There are not enough layers, or a path is not there or can't be in a layer.</exception>
    /// <exception cref="MachineException">Something may not be read.</exception>
    public async Task<IReadOnlyList<LayerTar>> LayersAsync(CustomisationLayer customisation, ClosureGraph? closure)
    {
        if (options.Layering == LayeringStrategy.Dpkg) return PackageLayers(customisation);
        if (!options.IncludeStorePaths && !options.NixDatabase) return [CustomisationOf(customisation.Tree, customisation)];
        var graph = closure ?? Scan(customisation);
        var tree = options.NixDatabase ? WithDatabase(customisation, graph) : customisation.Tree;
        return [.. await StoreLayersAsync(options.IncludeStorePaths ? graph?.Paths ?? [] : []), CustomisationOf(tree, customisation)];
    }

    /// <summary>Refuses contents in the store that the closure does not have: links would lead nowhere.</summary>
    /// <exception cref="InputException">There are such.</exception>
    public void RequireContents(ClosureGraph closure)
    {
        var known = closure.Paths.Select(info => info.Path).ToHashSet();
        foreach (var path in options.Contents.Paths)
        {
            if (HostTree.RealPath(path) is not { } place || StorePaths.Containing(place, _store) is not { } storePath) continue;
            if (known.Contains(storePath)) continue;
            throw new InputException($"lies in the store path {storePath}, which the closure does not have", new(path))
            {
                Advice = "Give the closure of all contents, or leave --closure out: then it is found by scanning.",
            };
        }
    }

    private ClosureGraph? Scan(CustomisationLayer customisation)
    {
        progress.Report(new StepStarted("Looking for references to store paths"));
        var roots = ReferencedPaths.Find(customisation.Tree, options.Config, _store, cancellationToken);
        return roots.Count == 0 ? null : ClosureGraph.Scan(roots, _store, cancellationToken);
    }

    private Task<LayerTar[]> StoreLayersAsync(IReadOnlyList<StorePathInfo> paths)
    {
        var layers = StoreLayering.Plan(paths, options.Layering, available, SizeOf, cancellationToken);
        var tars = new StoreLayerTars(StorePaths.Above(_store), StoreLayerTar.Options(options.FileTime, options.StoreOwner));
        return tars.ReadAsync(layers, cancellationToken);
    }

    // As the closure says, or as the files say.
    private long SizeOf(StorePathInfo info) => info.Nar?.Size
        ?? NarLength.Of(HostTree.ReadNode(info.Path, new() { Xattrs = false }, cancellationToken) ?? throw ReferenceScan.IsMissing(info.Path));

    private FileTree WithDatabase(CustomisationLayer customisation, ClosureGraph? graph)
    {
        if (graph is null) throw new InputException("a Nix database was asked for, but there are no store paths for it to know") { Advice = "Name them by --closure." };
        progress.Report(new StepStarted("Making the Nix database"));
        return customisation.With(NixDatabase.Tree(graph, options.FileTime, cancellationToken), cancellationToken);
    }

    private LayerTar CustomisationOf(FileTree tree, CustomisationLayer customisation) => new(
        TarContent.Of(tree, customisation.TarOptions, cancellationToken), [$"{options.Name.Split('/')[^1]}-customisation-layer"],
        new("the customisation layer: contents, and what scripts made", []));

    private IReadOnlyList<LayerTar> PackageLayers(CustomisationLayer customisation) =>
    [
        // There is no customisation layer beside them.
        .. PackageLayering.Plan(customisation.Tree, available + 1, cancellationToken).Select(layer => new LayerTar(
            TarContent.Of(layer.Tree, customisation.TarOptions, cancellationToken), [layer.Name], new(layer.Reason, [new(layer.Name, layer.Reason)]))),
    ];
}
