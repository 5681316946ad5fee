namespace OverlayImg.FileSystems;

/// <summary>
/// An inode of a <see cref="FileTree"/>: the metadata of <c>lstat(2)</c>, extended attributes, and what the type adds. A node with several
/// names, in one directory or in several, is a group of hard links. A directory has one name only.
/// </summary>
/// <remarks>
/// Trees may share nodes. A node is immutable, except for the entries of a directory whose tree is not finished
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

    /// <summary>Permission bits with set-user-ID, set-group-ID and sticky bit: 0 to 07777.</summary>
    public int Permissions => _permissions;

    /// <summary>Numeric user ID of the owner.</summary>
    public uint Uid { get; }

    /// <summary>Numeric group ID.</summary>
    public uint Gid { get; }

    /// <summary>Time of the last change of the content (<c>st_mtim</c>).</summary>
    public Timestamp ModificationTime { get; }

    /// <summary>Extended attributes. POSIX ACLs are among them, in the system call's form (version 2).</summary>
    public ExtendedAttributes ExtendedAttributes { get; }

    /// <summary>The file type, which <c>lstat(2)</c> reports in the <c>S_IFMT</c> bits of <c>st_mode</c>.</summary>
    public abstract FileType Type { get; }

    /// <summary>Permissions, owner, group, time and extended attributes as one value.</summary>
    public Metadata Metadata => new(_permissions, Uid, Gid, ModificationTime, ExtendedAttributes);

    /// <summary>Makes a node of the same type and content with other metadata. A directory and the new node share their entries.</summary>
    public abstract FileNode WithMetadata(Metadata metadata);
}
