using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>What <see cref="HostWriting"/> makes and sets, and who takes note of it.</summary>
internal interface IHostWritingPolicy
{
    /// <summary>Whether a file is made at all.</summary>
    bool IsMade(FileNode node);

    /// <summary>Whether an attribute of <paramref name="node"/> is tried to be set.</summary>
    bool IsSet(FileNode node, ExtendedAttribute attribute);

    /// <summary>A file was made, and nothing of it will be changed any more.</summary>
    /// <param name="node">What it is.</param>
    /// <param name="status">What the host says of it.</param>
    /// <param name="refused">The attributes that it was not given.</param>
    void OnWritten(FileNode node, in Statx status, ExtendedAttributes refused);
}
