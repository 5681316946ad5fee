using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Pure;
using OverlayImg.Layers.Ready;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Builders.NewImages;

/// <summary>What every image that is built has, however its layers come about.</summary>
public abstract record NewImageOptions
{
    /// <summary>Tells the user that an image holds nothing.</summary>
    internal const string HasNoFiles = "The image has no files: neither contents, store paths, scripts nor a base image have any.";

    /// <summary>Where the archive goes.</summary>
    public required ImageOutput Output { get; init; }

    /// <summary>
    /// How all layers are compressed, those of the base too; null: the base's stay as they are, and new layers are compressed as its first layer is.
    /// </summary>
    public CompressionFormat? LayerCompression { get; init; }

    /// <summary>As <see cref="LayerCompression"/>; a registry gets no layers without compression unless that was asked for.</summary>
    /// <param name="baseLayers">The layers of the base.</param>
    internal CompressionFormat? CompressionFor(IReadOnlyList<Layer> baseLayers) =>
        LayerCompression is null && Output is RegistryOutput && baseLayers is not [{ Compression: CompressionFormat.Gzip or CompressionFormat.Zstd }, ..]
            ? CompressionFormat.Gzip : LayerCompression;

    /// <summary>The image's name, in lower case.</summary>
    public required string Name { get; init; }

    /// <summary>Its tag; null for one from the image's ID, which is the same as long as nothing in the image changes.</summary>
    public string? Tag { get; init; }

    /// <summary>The base image; null to start from nothing.</summary>
    public BaseImageChoice? From { get; init; }

    /// <summary>The container's config; null for none.</summary>
    public JsonObject? Config { get; init; }

    /// <summary>
    /// Whether the image inherits the base image's whole container config. False for the variables alone; null for the default of the <see cref="Dialect"/>.
    /// </summary>
    public bool? InheritConfig { get; init; }

    /// <summary>Annotations of the manifest by name, beside those that name the base image, which they replace where the names are equal.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>All annotations of the image's manifest.</summary>
    /// <param name="baseImage">The base image; null for none.</param>
    internal IReadOnlyDictionary<string, string> AnnotationsOn(Image? baseImage)
    {
        var annotations = baseImage is null ? [] : new Dictionary<string, string>(BaseAnnotations.Of(baseImage, (From?.Location as RegistryLocation)?.Image));
        foreach (var (name, text) in Annotations) annotations[name] = text;
        return annotations;
    }

    /// <summary>When the image says that it was made, as <see cref="CreationTime.Parse"/> gives it.</summary>
    public string Created { get; init; } = CreationTime.Default;

    /// <summary>In Go's words; null for the base's, or this machine's.</summary>
    public string? Architecture { get; init; }

    /// <summary>Variant of the architecture (<c>v8</c>); null for the base's, where the image has its architecture.</summary>
    public string? Variant { get; init; }

    /// <summary>The defaults of the config, and of owners, links and the root directory of contents.</summary>
    public Dialect Dialect { get; init; } = Dialect.Dockerfile;

    /// <summary>Owner of what the contents add; null for the dialect's default.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group of what the contents add; null for the dialect's default.</summary>
    public uint? Gid { get; init; }

    /// <summary>Files of the new layer.</summary>
    public LayerContents Contents { get; init; } = LayerContents.None;

    /// <summary>Files that the tool has ready.</summary>
    public ReadyContents Ready { get; init; }

    /// <summary>Runs in the new layer's root, on the host or, with a script for root, in the guest.</summary>
    public Script? ExtraCommands { get; init; }

    /// <summary>The guest.</summary>
    public GuestSettings Guest { get; init; } = new();

    /// <summary>
    /// A file with the store paths that belong to the image, in any form that Nix writes them in; null for those that contents, config and the results of
    /// scripts refer to.
    /// </summary>
    public string? ClosureFile { get; init; }

    /// <summary>Whether the image gets the Nix database of the closure.</summary>
    public bool NixDatabase { get; init; }

    /// <summary>Whether new layers carry extended attributes.</summary>
    public bool KeepExtendedAttributes { get; init; } = true;

    /// <summary>The most that the files of a layer may add up to, in bytes, holes included.</summary>
    public long MaximumSize { get; init; } = TarWriterOptions.DefaultMaximumSize;

    /// <summary>The time of every file in new layers, and in an archive in dockerTools' form.</summary>
    public Timestamp FileTime { get; init; } = new(1);

    /// <summary>The part of the new layer that is made without a guest.</summary>
    /// <param name="closure">The store paths that belong to the layer; null for none.</param>
    internal PureLayerOptions PureLayer(LayerClosure? closure) => new()
    {
        Contents = Contents,
        Closure = closure,
        ExtraCommands = ExtraCommands,
        Uid = Uid,
        Gid = Gid,
        Ready = Ready,
        Dialect = Dialect,
        KeepExtendedAttributes = KeepExtendedAttributes,
        FileTime = FileTime,
        MaximumSize = MaximumSize,
    };
}
