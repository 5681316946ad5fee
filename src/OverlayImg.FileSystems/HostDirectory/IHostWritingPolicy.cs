using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>Decides what <see cref="HostWriting"/> writes, and is notified of each file.</summary>
internal interface IHostWritingPolicy
{
    /// <summary>Whether the node is written at all.</summary>
    bool IsMade(FileNode node);

    /// <summary>Whether <see cref="HostWriting"/> tries to set an attribute of <paramref name="node"/>.</summary>
    bool IsSet(FileNode node, ExtendedAttribute attribute);

    /// <summary>Called when a file is complete; it is not changed after this call.</summary>
    /// <param name="node">The node that was written.</param>
    /// <param name="status">The host's metadata of the file.</param>
    /// <param name="refused">The attributes that the file did not get.</param>
    void OnWritten(FileNode node, in Statx status, ExtendedAttributes refused);
}
