namespace OverlayImg.Images.Sources;

/// <summary>What a file with an image is read as.</summary>
public enum ArchiveForm
{
    /// <summary>What its content says: a docker-archive, an OCI layout in a tar, or the tar of a root file system. An archive that is both of the first two is a docker-archive.</summary>
    Any,

    /// <summary>An archive that is a docker-archive and an OCI layout at once is the layout.</summary>
    Layout,

    /// <summary>The tar of a root file system, whatever is in it.</summary>
    RootFileSystem,
}
