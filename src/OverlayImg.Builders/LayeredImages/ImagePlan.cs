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
/// <param name="config">Its config.</param>
/// <param name="available">How many layers there may be beside the customisation layer.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class ImagePlan(LayeredImageOptions options, NewImageConfig config, int available, CancellationToken cancellationToken)
{
    // The SHA-256 of layer.tar in hexadecimal digits, and the end of the line.
    private const int ChecksumLength = 65;

    private static readonly (ByteString Config, ByteString Customisation, ByteString Closure) Helpers =
        (ByteString.FromText("base.json"), ByteString.FromText("customisation-layer"), ByteString.FromText("closure"));

    private readonly ByteString _store = StorePaths.Directory(ByteString.FromText(options.Contents.StoreDirectory));

    /// <summary>The new layers, bottom first.</summary>
    /// <param name="customisation">The layer that is made for this image alone.</param>
    /// <param name="closure">The store paths; null where none is of interest.</param>
    /// <exception cref="InputException">There are not enough layers, or a path is not there or can't be in a layer.</exception>
    /// <exception cref="MachineException">Something may not be read.</exception>
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

    // As the closure says, or as the files say.
    private long SizeOf(StorePathInfo info) => info.Nar?.Size
        ?? NarLength.Of(HostTree.ReadNode(info.Path, new() { Xattrs = false }, cancellationToken) ?? throw ReferenceScan.IsMissing(info.Path));

    // The store paths beside the closure's that nixpkgs' graph has: it makes them for the image, and no layer holds them (spec dockertools, 1.13 and 3.1).
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

    // Nobody asks for the hash.
    private static NarDigest SizedAs(FileNode node) => new(Digest.Of([]), NarLength.Of(node));

    // As Nix writes the attributes.
    private byte[] ConfigText() => JsonBytes.Of(writer => new JsonObject
    {
        ["architecture"] = config.Architecture,
        ["config"] = options.Config?.DeepClone() ?? new JsonObject(),
        ["os"] = "linux",
        ["variant"] = options.Variant ?? "",
    }.WriteTo(writer));

    private LayerTar CustomisationOf(CustomisationLayer customisation) => new(
        TarContent.Of(customisation.Tree, customisation.TarOptions, cancellationToken), [$"{options.Name.Split('/')[^1]}-customisation-layer"],
        new("the customisation layer: contents, and what scripts made", []));

    private IReadOnlyList<LayerTar> PackageLayers(CustomisationLayer customisation, LayerClosure? closure)
    {
        if (closure?.Graph.Paths.FirstOrDefault(info => customisation.Tree.Find(info.Path.Span[1..]) is null) is { } outside)
        {
            throw new InputException($"the config names the store path {outside.Path}, and layers of packages have no place for store paths")
            {
                Advice = "Choose another way to divide the image into layers, or add the path to the contents.",
            };
        }

        return
        [
            // There is no customisation layer beside them.
            .. PackageLayering.Plan(customisation.Tree, available + 1, cancellationToken).Select(layer => new LayerTar(
                TarContent.Of(layer.Tree, customisation.TarOptions, cancellationToken), [layer.Name], new(layer.Reason, [new(layer.Name, layer.Reason)]))),
        ];
    }
}
