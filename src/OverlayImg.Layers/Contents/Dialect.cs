namespace OverlayImg.Layers.Contents;

/// <summary>
/// The defaults of the verbs that make layers and images. dockerTools and Dockerfiles disagree on them, so each disagreement is a row of this record.
/// Builders ask a row and never which dialect it belongs to.
/// </summary>
public sealed record Dialect
{
    /// <summary>The defaults that a Dockerfile user expects.</summary>
    public static Dialect Dockerfile { get; } = new()
    {
        KeepsOwners = true,
        KeepsHardLinks = true,
        KeepsDirectoryLinks = true,
        InheritsConfig = true,
        ReadsIgnoreFiles = true,
    };

    /// <summary>The defaults of nixpkgs' dockerTools: layers have the same bytes.</summary>
    public static Dialect DockerTools { get; } = new() { ContentsDescribeRoot = true };

    /// <summary>
    /// Whether files of a tarball or of a divided root keep their owners, and directories that the base has keep the base's owner. Without it, every file
    /// gets the owner that was asked for, or root.
    /// </summary>
    public bool KeepsOwners { get; init; }

    /// <summary>
    /// Whether the names of one file of a tarball or of a divided root stay names of one file. Without it, each name is a file of its own, as are the names in
    /// other directories.
    /// </summary>
    public bool KeepsHardLinks { get; init; }

    /// <summary>Whether symbolic links to directories in contents stay links. Without it, each becomes a copy of the directory that it leads to.</summary>
    public bool KeepsDirectoryLinks { get; init; }

    /// <summary>Whether an image inherits the container config of its base image. Without it, the image inherits the variables alone.</summary>
    public bool InheritsConfig { get; init; }

    /// <summary>Whether the files that a directory's <c>.containerignore</c> or <c>.dockerignore</c> lists are left out of contents.</summary>
    public bool ReadsIgnoreFiles { get; init; }

    /// <summary>
    /// Whether the top directory of contents describes the root directory of the layer, which then becomes writable for owner and group. Without it, the
    /// root is the base's; an image without a base has a root of mode 0755, or the root that a tarball or a divided root describes.
    /// </summary>
    public bool ContentsDescribeRoot { get; init; }
}
