using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Locations;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Ready;

namespace OverlayImg.Layers.Guests;

/// <summary>Scripts around the mounted overlay of a base image's layers; what they did becomes a new layer.</summary>
public record GuestLayerOptions
{
    /// <summary>The base image; null to start from nothing.</summary>
    public BaseImageChoice? From { get; init; }

    /// <summary>Files that are in the layer from the start.</summary>
    public LayerContents Contents { get; init; } = LayerContents.None;

    /// <summary>The defaults of owners, hard links and the root directory of contents.</summary>
    public Dialect Dialect { get; init; } = Dialect.Dockerfile;

    /// <summary>Files that the tool has ready, where neither the contents nor the base image have them.</summary>
    public ReadyContents Ready { get; init; }

    /// <summary>The store paths that belong to the layer; null for none.</summary>
    internal LayerClosure? Closure { get; init; }

    /// <summary>The files of the layer before its scripts run, in place of contents and ready files. Null to read contents.</summary>
    public FileTree? Tree { get; init; }

    /// <summary>What to run.</summary>
    public required RunScripts Scripts { get; init; }

    /// <summary>Where to run it.</summary>
    public GuestSettings Guest { get; init; } = new();

    /// <summary>Whether the layer carries extended attributes.</summary>
    public bool KeepExtendedAttributes { get; init; } = true;

    /// <summary>The most that the files of a layer may add up to, in bytes, holes included.</summary>
    public long MaximumSize { get; init; } = TarWriterOptions.DefaultMaximumSize;

    /// <summary>The time of every file in the layer.</summary>
    public Timestamp FileTime { get; init; } = new(1);

    /// <summary>Whether the layer is made twice, and refused where the two differ.</summary>
    public bool Check { get; init; }
}
