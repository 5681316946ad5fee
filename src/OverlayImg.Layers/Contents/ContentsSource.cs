namespace OverlayImg.Layers.Contents;

/// <summary>
/// A path of the host whose files go to a layer. The inside of a directory or tarball goes to the layer's root, unless the
/// source is a copy.
/// </summary>
/// <param name="Path">Path of the host.</param>
public sealed record ContentsSource(string Path)
{
    /// <summary>The place of a file or directory that is copied as a Dockerfile's COPY does; null for contents of the layer's root.</summary>
    public CopyTarget? Copy { get; init; }

    /// <summary>Makes the source of a directory or tarball whose inside goes to the layer's root.</summary>
    public static implicit operator ContentsSource(string path) => FromString(path);

    /// <summary>Makes the source of a directory or tarball whose inside goes to the layer's root.</summary>
    public static ContentsSource FromString(string path) => new(path);
}
