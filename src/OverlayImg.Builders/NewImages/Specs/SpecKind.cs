namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>The dockerTools function whose arguments a spec has, which decides on the allowed attributes.</summary>
public enum SpecKind
{
    /// <summary>Arguments of dockerTools.buildImage.</summary>
    Image,

    /// <summary>Arguments of dockerTools.buildLayeredImage and streamLayeredImage.</summary>
    LayeredImage,
}
