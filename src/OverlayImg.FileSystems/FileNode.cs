namespace OverlayImg.FileSystems;

/// <summary>
/// One inode of a <see cref="FileTree"/>: what <c>lstat(2)</c> tells of it, its extended attributes, and what its kind adds. A node that stands
/// under several names (in one directory or in several) is a group of hard links; directories stand under one name only.
/// </summary>
/// <remarks>
/// Nodes may be shared between trees. A node never changes, but for the names of a directory whose tree is not finished
/// (<see cref="FileTree.Finish"/>). <see cref="WithMetadata"/> makes a node with other metadata.
/// </remarks>
public abstract class FileNode
{
    private readonly ushort _permissions;

    private protected FileNode(Metadata metadata)
    {
        _permissions = metadata.Permissions;
        (Uid, Gid) = (metadata.Uid, metadata.Gid);
        ModificationTime = metadata.ModificationTime;
        ExtendedAttributes = metadata.ExtendedAttributes;
    }

    /// <summary>Permission bits with set-user-ID, set-group-ID and sticky: 0 to 07777.</summary>
    public int Permissions => _permissions;

    /// <summary>Owner.</summary>
    public uint Uid { get; }

    /// <summary>Group.</summary>
    public uint Gid { get; }

    /// <summary>Time of the last change of the content.</summary>
    public Timestamp ModificationTime { get; }

    /// <summary>Extended attributes, POSIX ACLs among them (in the form of the system call, version 2).</summary>
    public ExtendedAttributes ExtendedAttributes { get; }

    /// <summary>The kind, as the <c>S_IFMT</c> bits of <c>st_mode</c> tell it.</summary>
    public abstract FileType Type { get; }

    /// <summary>All that the kinds have in common, in one value.</summary>
    public Metadata Metadata => new(_permissions, Uid, Gid, ModificationTime, ExtendedAttributes);

    /// <summary>A node of the same kind and content with other metadata. A directory keeps its entries: both then share them.</summary>
    public abstract FileNode WithMetadata(Metadata metadata);
}
