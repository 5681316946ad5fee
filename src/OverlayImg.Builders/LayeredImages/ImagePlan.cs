using System.Text.Json.Nodes;
using OverlayImg.Builders.NewImages;
using OverlayImg.Closures;
using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Layers.LayerClosures;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>Divides the files of an image into layers.</summary>
/// <param name="options">The image.</param>
/// <param name="config">The config of the image.</param>
/// <param name="available">The largest number of new layers besides the customisation layer.</param>
/// <param name="cancellationToken">Checked for each file.</param>
internal sealed class ImagePlan(LayeredImageOptions options, NewImageConfig config, int available, CancellationToken cancellationToken)
{
    // Bytes of a SHA-256 in hexadecimal digits and a newline: the file "checksum" of nixpkgs' customisation layer.
    private const int ChecksumLength = 65;

    private static readonly (ByteString Config, ByteString Customisation, ByteString Closure) Helpers =
        (ByteString.FromText("base.json"), ByteString.FromText("customisation-layer"), ByteString.FromText("closure"));

    private readonly ByteString _store = StorePaths.Directory(ByteString.FromText(options.Contents.StoreDirectory));

    /// <summary>The new layers, bottom first.</summary>
    /// <param name="customisation">The customisation layer, which becomes the top layer.</param>
    /// <param name="closure">The store paths; null if the image gets none.</param>
    /// <exception cref="InputException">There are not enough layers, a store path does not exist, or a layer can't hold one of its files.</exception>
    /// <exception cref="MachineException">A file may not be read.</exception>
    public async Task<IReadOnlyList<LayerTar>> LayersAsync(CustomisationLayer customisation, LayerClosure? closure)
    {
        if (options.Layering == LayeringStrategy.Dpkg) return PackageLayers(customisation, closure);
        var top = CustomisationOf(customisation);
        if (closure is null || !options.IncludeStorePaths) return [top];
        var paths = closure.Graph.Paths;
        var roots = paths.Count == 0 ? [] : RootsOf(customisation.Tree, top.Tar, closure);
        var layers = StoreLayering.Plan(paths, roots, options.Layering, available, SizeOf, cancellationToken);
        var tars = new StoreLayerTars(StorePaths.Above(_store), StoreLayerTar.Options(options.FileTime, options.StoreOwner));
        return [.. await tars.ReadAsync(layers, cancellationToken), top];
    }

    // The size of the path's NAR: from the closure file, else computed from the files.
    private long SizeOf(StorePathInfo info) => info.Nar?.Size
        ?? NarLength.Of(HostTree.ReadNode(info.Path, new() { Xattrs = false }, cancellationToken) ?? throw ReferenceScan.IsMissing(info.Path));

    // Besides the closure, nixpkgs' graph has the helper derivations of the image as roots. No layer holds them.
    private IReadOnlyList<StorePathInfo> RootsOf(FileTree tree, FileContent tar, LayerClosure closure)
    {
        var file = new RegularFileNode(Metadata.DefaultFile, new MemoryContent(ConfigText()));
        var configRoot = new StorePathInfo(Helpers.Config, closure.ConfigReferences, SizedAs(file));
        if (options.Layering != LayeringStrategy.Auto) return [configRoot, new(Helpers.Closure, [Helpers.Config, .. closure.ContentsPaths])];
        var directory = new DirectoryNode(Metadata.DefaultDirectory);
        directory.Set(ByteString.FromText("checksum"), new RegularFileNode(Metadata.DefaultFile, new MemoryContent(new byte[ChecksumLength])));
        directory.Set(ByteString.FromText("layer.tar"), new RegularFileNode(Metadata.DefaultFile, tar));
        return [configRoot, new(Helpers.Customisation, closure.ReferencesOf(tree), SizedAs(directory))];
    }

    // Only the size is used, so the hash is that of no bytes.
    private static NarDigest SizedAs(FileNode node) => new(Digest.Of([]), NarLength.Of(node));

    // Nix writes the attributes sorted by name.
    private byte[] ConfigText() => JsonBytes.Of(writer => new JsonObject
    {
        ["architecture"] = config.Architecture,
        ["config"] = options.Config?.DeepClone() ?? new JsonObject(),
        ["os"] = "linux",
        ["variant"] = options.Variant ?? "",
    }.WriteTo(writer));

    private LayerTar CustomisationOf(CustomisationLayer customisation) => new(
        TarContent.Of(customisation.Tree, customisation.TarOptions, cancellationToken), [$"{options.Name.Split('/')[^1]}-customisation-layer"],
        new("the customisation layer: contents, and files that scripts made", []));

    private IReadOnlyList<LayerTar> PackageLayers(CustomisationLayer customisation, LayerClosure? closure)
    {
        if (closure?.Graph.Paths.FirstOrDefault(info => customisation.Tree.Find(info.Path.Span[1..]) is null) is { } outside)
        {
            throw new InputException($"the config names the store path {outside.Path}, and layers of packages can't hold store paths")
            {
                Advice = "Choose another layering, or add the path to the contents.",
            };
        }

        return
        [
            // Packages use the budget of the customisation layer, too, because there is none.
            .. PackageLayering.Plan(customisation.Tree, available + 1, cancellationToken).Select(layer => new LayerTar(
                TarContent.Of(layer.Tree, customisation.TarOptions, cancellationToken), [layer.Name],
                new(layer.Reason, [new(layer.Name, layer.Reason)]))),
        ];
    }
}
