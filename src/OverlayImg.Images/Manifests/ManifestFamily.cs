namespace OverlayImg.Images.Manifests;

/// <summary>The family of media types of an image's manifests, indexes, configs and layers.</summary>
public enum ManifestFamily
{
    /// <summary>The media types of the OCI Image Specification.</summary>
    Oci,

    /// <summary>The media types of Docker's schema 2.</summary>
    Docker,
}
