using OverlayImg.Builders.NewImages;
using OverlayImg.Closures.Layering;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>
/// An image of many layers that is to be built (dockerTools' buildLayeredImage and streamLayeredImage; spec dockertools, 1.13): a base, the store paths
/// of a closure, what is made for this image alone, a config.
/// </summary>
public sealed record LayeredImageOptions : NewImageOptions
{
    /// <summary>How many layers the image may have, those of the base and the customisation layer included.</summary>
    public int MaxLayers { get; init; } = 100;

    /// <summary>How files are divided into layers.</summary>
    public LayeringStrategy Layering { get; init; }

    /// <summary>Runs as root in a guest, in the root of the customisation layer; null for none.</summary>
    public Script? FakeRootCommands { get; init; }

    /// <summary>Whether the store paths are in the image; else only links lead to them, and the store is mounted when a container runs.</summary>
    public bool IncludeStorePaths { get; init; } = true;

    /// <summary>Who owns the files of store layers.</summary>
    public StoreOwner StoreOwner { get; init; } = StoreOwner.Root;

    /// <summary>What history says that made the layers.</summary>
    public string CreatedBy { get; init; } = "overlayimg build-layered";
}
