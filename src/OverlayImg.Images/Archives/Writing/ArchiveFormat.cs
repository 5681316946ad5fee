namespace OverlayImg.Images.Archives.Writing;

/// <summary>The forms that an image archive is written in.</summary>
public enum ArchiveFormat
{
    /// <summary>An OCI layout and a docker-archive over the same blobs, in one tar: every loader takes it.</summary>
    Hybrid,

    /// <summary>To the byte what nixpkgs' dockerTools writes.</summary>
    DockerTools,

    /// <summary>An OCI layout in a tar (<c>oci-archive</c>), without <c>manifest.json</c>.</summary>
    Oci,
}
