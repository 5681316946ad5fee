using OverlayImg.Images.Archives.Writing;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Cli.Options;

/// <summary>Chooses between the defaults of dockerTools and those of a Dockerfile.</summary>
internal static class DialectChoice
{
    /// <summary>The dialect of a verb that builds an image: dockerTools' with a spec or with <c>--format dockertools</c>.</summary>
    public static Dialect OfImage(bool hasSpec, ArchiveFormat format) =>
        hasSpec || format == ArchiveFormat.DockerTools ? Dialect.DockerTools : Dialect.Dockerfile;

    /// <summary>
    /// The dialect of the verb <c>layer</c>: dockerTools' if the options state all of dockerTools' defaults. The verb has
    /// neither a spec nor an archive format, which choose the dialect of other verbs.
    /// </summary>
    public static Dialect OfLayer(bool followsDirlinks, uint? uid, uint? gid) =>
        followsDirlinks && uid == 0 && gid == 0 ? Dialect.DockerTools : Dialect.Dockerfile;
}
