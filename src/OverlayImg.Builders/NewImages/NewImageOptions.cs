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

/// <summary>The options of all image builds, whether the image gets one new layer or many.</summary>
public abstract record NewImageOptions
{
    /// <summary>The warning for an image without files.</summary>
    internal const string HasNoFiles = "The image has no files: no contents, store paths or base image are given, and no script made files.";

    /// <summary>The destination and format of the image.</summary>
    public required ImageOutput Output { get; init; }

    /// <summary>
    /// Compression of all layers, those of the base image included; null to leave base layers unchanged and to compress new layers like the first
    /// base layer.
    /// </summary>
    public CompressionFormat? LayerCompression { get; init; }

    /// <summary><see cref="LayerCompression"/>, but gzip for a registry if null would send uncompressed layers.</summary>
    /// <param name="baseLayers">The layers of the base image.</param>
    internal CompressionFormat? CompressionFor(IReadOnlyList<Layer> baseLayers) =>
        LayerCompression is null && Output is RegistryOutput
            && baseLayers is not [{ Compression: CompressionFormat.Gzip or CompressionFormat.Zstd }, ..]
            ? CompressionFormat.Gzip : LayerCompression;

    /// <summary>Name of the image in lower case.</summary>
    public required string Name { get; init; }

    /// <summary>Tag of the image; null for a tag derived from the image ID, so that equal images get equal tags.</summary>
    public string? Tag { get; init; }

    /// <summary>The base image; null for none.</summary>
    public ImageChoice? From { get; init; }

    /// <summary>The container config; null for none.</summary>
    public JsonObject? Config { get; init; }

    /// <summary>
    /// Whether the image inherits the base image's whole container config. False: only the environment. Null: the default of the
    /// <see cref="Dialect"/>.
    /// </summary>
    public bool? InheritConfig { get; init; }

    /// <summary>Annotations of the manifest by name. They replace the automatic annotations about the base image if the names are equal.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>All annotations of the manifest, those about the base image included.</summary>
    /// <param name="baseImage">The base image; null for none.</param>
    internal IReadOnlyDictionary<string, string> AnnotationsOn(Image? baseImage)
    {
        var registryImage = (From?.Location as RegistryLocation)?.Image;
        var annotations = baseImage is null ? [] : new Dictionary<string, string>(BaseAnnotations.Of(baseImage, registryImage));
        foreach (var (name, text) in Annotations) annotations[name] = text;
        return annotations;
    }

    /// <summary>The creation time that the image records, in the form of <see cref="CreationTime.Parse"/>.</summary>
    public string Created { get; init; } = CreationTime.Default;

    /// <summary>The architecture by its name in Go; null for that of the base image, else of the host.</summary>
    public string? Architecture { get; init; }

    /// <summary>Variant of the architecture, such as <c>v8</c>; null for that of the base image if the architecture is the same.</summary>
    public string? Variant { get; init; }

    /// <summary>The defaults for the config, owners, links and the root directory: those of dockerTools or of a Dockerfile.</summary>
    public Dialect Dialect { get; init; } = Dialect.Dockerfile;

    /// <summary>User ID of the owner of files that the contents add; null for the dialect's default.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group ID of files that the contents add; null for the dialect's default.</summary>
    public uint? Gid { get; init; }

    /// <summary>Directories and tarballs of the host whose files go to the new layer.</summary>
    public LayerContents Contents { get; init; } = LayerContents.None;

    /// <summary>
    /// <see cref="Contents"/> with the working directory of the new image, unless the image inherits the working directory of its base image.
    /// </summary>
    internal LayerContents Files => Contents with
    {
        WorkingDirectory = Config?["WorkingDir"] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text
            : InheritConfig ?? Dialect.InheritsConfig ? null : "/",
    };

    /// <summary>Files that the tool itself provides, such as accounts and CA certificates.</summary>
    public ReadyContents Ready { get; init; }

    /// <summary>A script that runs in the root directory of the new layer: on the host, or in the guest if there is a root script.</summary>
    public Script? ExtraCommands { get; init; }

    /// <summary>The settings of the guest.</summary>
    public GuestSettings Guest { get; init; } = new();

    /// <summary>
    /// Path of a file with the store paths of the image, in one of Nix's forms; null for the store paths that contents, config and script results
    /// refer to.
    /// </summary>
    public string? ClosureFile { get; init; }

    /// <summary>Whether the image gets a Nix database of the closure.</summary>
    public bool NixDatabase { get; init; }

    /// <summary>Whether new layers keep extended attributes.</summary>
    public bool KeepExtendedAttributes { get; init; } = true;

    /// <summary>The largest total size of the files in a layer, in bytes, holes included.</summary>
    public long MaximumSize { get; init; } = TarWriterOptions.DefaultMaximumSize;

    /// <summary>The modification time of every file in new layers, and of the entries of an archive in dockerTools' format.</summary>
    public Timestamp FileTime { get; init; } = new(1);

    /// <summary>The options for the part of the new layer that is made without a guest.</summary>
    /// <param name="closure">The store paths that belong to the layer; null for none.</param>
    internal PureLayerOptions PureLayer(LayerClosure? closure) => new()
    {
        Contents = Files,
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
