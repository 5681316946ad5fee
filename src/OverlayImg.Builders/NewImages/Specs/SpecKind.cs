namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>What a spec describes: which attributes it may have.</summary>
public enum SpecKind
{
    /// <summary>dockerTools.buildImage.</summary>
    Image,

    /// <summary>dockerTools.buildLayeredImage and streamLayeredImage.</summary>
    LayeredImage,
}
