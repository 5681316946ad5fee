using OverlayImg.Layers.Guests;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>A run of scripts in a guest that writes a layer directory.</summary>
public sealed record OverlayRunOptions : GuestLayerOptions
{
    /// <summary>Path of the layer directory to create.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Path of a tar for the files that the scripts leave in the directory <c>out</c>; null for none.</summary>
    public string? OutFile { get; init; }

    /// <summary>Path of a script that gets the commands typed in the interactive shell; null for none.</summary>
    public string? KeepScript { get; init; }

    /// <summary>Path of a JSON file with the members of the layer's json; null for the default.</summary>
    public string? BaseJson { get; init; }

    /// <summary>
    /// Path of a file with the store paths of the layer; null for the store paths that contents, the layer's json and script results refer to.
    /// </summary>
    public string? ClosureFile { get; init; }
}
