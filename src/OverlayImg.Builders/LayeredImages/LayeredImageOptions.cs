using OverlayImg.Builders.NewImages;
using OverlayImg.Closures.Layering;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>
/// An image to build from a base image, the store paths of a closure, a customisation layer and a config, as with dockerTools' buildLayeredImage and
/// streamLayeredImage.
/// </summary>
public sealed record LayeredImageOptions : NewImageOptions
{
    /// <summary>The largest number of layers of the image, those of the base image and the customisation layer included.</summary>
    public int MaxLayers { get; init; } = 100;

    /// <summary>The strategy that divides files into layers.</summary>
    public LayeringStrategy Layering { get; init; }

    /// <summary>A script that runs as root in a guest, in the root directory of the customisation layer; null for none.</summary>
    public Script? FakeRootCommands { get; init; }

    /// <summary>Whether the image contains the store paths. Without them, the store must be mounted when a container runs.</summary>
    public bool IncludeStorePaths { get; init; } = true;

    /// <summary>The owner of the files in layers of store paths.</summary>
    public StoreOwner StoreOwner { get; init; } = StoreOwner.Root;

    /// <summary>The value of <c>created_by</c> in the history of new layers.</summary>
    public string CreatedBy { get; init; } = "overlayimg build-layered";
}
