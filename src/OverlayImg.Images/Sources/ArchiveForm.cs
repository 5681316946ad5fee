namespace OverlayImg.Images.Sources;

/// <summary>The format that an image file is read as.</summary>
public enum ArchiveForm
{
    /// <summary>
    /// The format that the content shows: docker-archive, OCI layout in a tar, or tar of a root file system. An archive
    /// that is a docker-archive and an OCI layout at once is read as a docker-archive.
    /// </summary>
    Any,

    /// <summary>As <see cref="Any"/>, but a docker-archive that is also an OCI layout is read as the layout.</summary>
    Layout,

    /// <summary>The tar of a root file system, even if the tar also looks like an image archive.</summary>
    RootFileSystem,
}
