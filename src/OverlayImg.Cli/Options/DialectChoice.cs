using OverlayImg.Images.Archives.Writing;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Cli.Options;

/// <summary>Decides which defaults the command line asks for.</summary>
internal static class DialectChoice
{
    /// <summary>The dialect of a verb that builds an image: dockerTools' for a spec and for dockerTools' own form of the archive.</summary>
    public static Dialect OfImage(bool hasSpec, ArchiveFormat format) =>
        hasSpec || format == ArchiveFormat.DockerTools ? Dialect.DockerTools : Dialect.Dockerfile;

    /// <summary>
    /// The dialect of <c>layer</c>, which has neither a spec nor a form of the archive: the options that write out dockerTools' defaults ask for its dialect.
    /// </summary>
    public static Dialect OfLayer(bool followsDirlinks, uint? uid, uint? gid) =>
        followsDirlinks && uid == 0 && gid == 0 ? Dialect.DockerTools : Dialect.Dockerfile;
}
