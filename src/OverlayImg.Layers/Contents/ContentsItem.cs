using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>One item of the contents: a directory or an archive. Its entries go to the layer's root directory.</summary>
/// <param name="Name">The path that the user gave, for messages.</param>
/// <param name="HostPath">
/// The absolute path of a directory without symbolic links, which identifies absolute links into the directory; null for an archive.
/// </param>
/// <param name="IsJoined">Whether the files of the tree are links into the store (<see cref="SymlinkJoin"/>).</param>
internal sealed record ContentsItem(string Name, FileTree Tree, ByteString? HostPath, bool IsJoined = false)
{
    /// <summary>
    /// Whether the owners and the top directory's metadata are the item's own: in an archive, and in a directory that root unpacked.
    /// </summary>
    public bool DescribesItself { get; init; } = HostPath is null;
}
