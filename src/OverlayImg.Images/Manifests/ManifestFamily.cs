namespace OverlayImg.Images.Manifests;

/// <summary>A family of media types of manifests, indexes, configs and layers.</summary>
public enum ManifestFamily
{
    /// <summary>The image specification's.</summary>
    Oci,

    /// <summary>Docker's (schema 2).</summary>
    Docker,
}
