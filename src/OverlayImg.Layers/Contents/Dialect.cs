namespace OverlayImg.Layers.Contents;

/// <summary>
/// The defaults of the commands that make layers and images. The defaults of dockerTools differ from those of
/// Dockerfiles; each property is one difference. Code depends on these properties, never on the dialect as a whole.
/// </summary>
public sealed record Dialect
{
    /// <summary>The defaults that users of Dockerfiles expect.</summary>
    public static Dialect Dockerfile { get; } = new()
    {
        KeepsOwners = true,
        KeepsHardLinks = true,
        KeepsDirectoryLinks = true,
        InheritsConfig = true,
        ReadsIgnoreFiles = true,
        ScriptsSeeImageVariables = true,
    };

    /// <summary>The defaults of nixpkgs' dockerTools, with which layers have the same bytes as dockerTools' layers.</summary>
    public static Dialect DockerTools { get; } = new() { ContentsDescribeRoot = true };

    /// <summary>
    /// Whether files of a tarball or of a divided root file system keep their owners, and directories of the base image
    /// keep theirs. If false, every file gets the requested owner, or root.
    /// </summary>
    public bool KeepsOwners { get; init; }

    /// <summary>
    /// Whether hard links of a tarball or of a divided root file system are kept. If false, each name becomes a
    /// separate file, as it does with hard links of other directories.
    /// </summary>
    public bool KeepsHardLinks { get; init; }

    /// <summary>Whether symbolic links to directories in contents stay links. Otherwise each link becomes a copy of its directory.</summary>
    public bool KeepsDirectoryLinks { get; init; }

    /// <summary>Whether an image inherits the container config of its base image. Otherwise the image inherits only the environment.</summary>
    public bool InheritsConfig { get; init; }

    /// <summary>Whether the files that a directory's <c>.containerignore</c> or <c>.dockerignore</c> lists are left out of contents.</summary>
    public bool ReadsIgnoreFiles { get; init; }

    /// <summary>Whether scripts in the image see the environment variables of the base image's config.</summary>
    public bool ScriptsSeeImageVariables { get; init; }

    /// <summary>
    /// Whether the top directory of the contents sets the metadata of the layer's root directory, which then becomes
    /// writable for owner and group. If false, the layer has the base image's root directory; without a base image the
    /// root directory has mode 0755, or the metadata from a tarball or a divided root file system.
    /// </summary>
    public bool ContentsDescribeRoot { get; init; }
}
