using OverlayImg.Layers.Guests;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>A run that makes a layer directory.</summary>
public sealed record OverlayRunOptions : GuestLayerOptions
{
    /// <summary>The layer directory to make.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Where the tar of what hooks left in <c>out</c> goes; null for nowhere.</summary>
    public string? OutFile { get; init; }

    /// <summary>What the layer's json starts from; null for the default.</summary>
    public string? BaseJson { get; init; }

    /// <summary>A file that names the store paths of the layer; null for those that contents, the layer's json and the results of scripts refer to.</summary>
    public string? ClosureFile { get; init; }
}
