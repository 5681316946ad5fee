using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Locations;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Ready;

namespace OverlayImg.Layers.Guests;

/// <summary>Options of a layer that scripts make in a guest, over the mounted overlay of a base image's layers.</summary>
public record GuestLayerOptions
{
    /// <summary>The base image; null for none.</summary>
    public ImageChoice? From { get; init; }

    /// <summary>The image below the layer, if this operation has made that image; null to open <see cref="From"/>.</summary>
    internal LowerImage? Lower { get; init; }

    /// <summary>Files that are in the layer before its scripts run.</summary>
    public LayerContents Contents { get; init; } = LayerContents.None;

    /// <summary>The defaults for owners, hard links and the root directory of the contents.</summary>
    public Dialect Dialect { get; init; } = Dialect.Dockerfile;

    /// <summary>Ready-made files that are added if neither the contents nor the base image have them.</summary>
    public ReadyContents Ready { get; init; }

    /// <summary>The store paths that belong to the layer; null for none.</summary>
    internal LayerClosure? Closure { get; init; }

    /// <summary>
    /// The files of the layer before its scripts run, instead of contents and ready-made files; null to read the contents.
    /// </summary>
    public FileTree? Tree { get; init; }

    /// <summary>The scripts of the run.</summary>
    public required RunScripts Scripts { get; init; }

    /// <summary>Whether the steps see the variables of the base image's config.</summary>
    internal bool SeesImageVariables => Dialect.ScriptsSeeImageVariables && (Scripts.Steps.Count > 0 || Scripts.Shell is not null);

    /// <summary>Settings of the guest.</summary>
    public GuestSettings Guest { get; init; } = new();

    /// <summary>Whether the layer keeps extended attributes.</summary>
    public bool KeepExtendedAttributes { get; init; } = true;

    /// <summary>The largest total size of the layer's files in bytes, holes included.</summary>
    public long MaximumSize { get; init; } = TarWriterOptions.DefaultMaximumSize;

    /// <summary>The modification time of every file in the layer.</summary>
    public Timestamp FileTime { get; init; } = new(1);

    /// <summary>Whether the layer is made twice, and rejected if the two results differ.</summary>
    public bool Check { get; init; }
}
