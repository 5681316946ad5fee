namespace OverlayImg.Images.Archives.Writing;

/// <summary>The formats of an image archive that is written.</summary>
public enum ArchiveFormat
{
    /// <summary>An OCI layout and a docker-archive that share their blobs in one tar; every loader reads it.</summary>
    Hybrid,

    /// <summary>The archive that nixpkgs' dockerTools.buildImage writes, byte for byte.</summary>
    DockerTools,

    /// <summary>A tar of an OCI layout (<c>oci-archive</c>), without <c>manifest.json</c>.</summary>
    Oci,
}
