using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>One item of the contents: a tree whose inside goes to the layer's root.</summary>
/// <param name="Name">What messages call it: the path that the user gave.</param>
/// <param name="Tree">What is in it.</param>
/// <param name="HostPath">
/// For a directory its absolute path without symbolic links, so that absolute links into it are known for what they are; null for an archive.
/// </param>
/// <param name="IsJoined">Whether the files in it are links into the store (<see cref="SymlinkJoin"/>).</param>
internal sealed record ContentsItem(string Name, FileTree Tree, ByteString? HostPath, bool IsJoined = false)
{
    /// <summary>Whether the owners and the top directory are those of the files: in an archive, and in a directory that root unpacked.</summary>
    public bool DescribesItself { get; init; } = HostPath is null;
}
