namespace OverlayImg.FileSystems;

/// <summary>A device, a named pipe or a socket: a node without content.</summary>
public sealed class SpecialNode : FileNode
{
    /// <summary>Makes a node of the given type.</summary>
    /// <param name="metadata">Permissions, owner, time and extended attributes.</param>
    /// <param name="type">A device, a named pipe or a socket.</param>
    /// <param name="major">Major device number; 0 for pipes and sockets.</param>
    /// <param name="minor">Minor device number; 0 for pipes and sockets.</param>
    public SpecialNode(Metadata metadata, FileType type, uint major = 0, uint minor = 0) : base(metadata)
    {
        if (type is FileType.RegularFile or FileType.Directory or FileType.SymbolicLink)
            throw new ArgumentOutOfRangeException(nameof(type), type, "Not a special file.");
        (Type, Major, Minor) = (type, major, minor);
    }

    /// <inheritdoc/>
    public override FileType Type { get; }

    /// <summary>Major device number (12 bits on Linux); 0 for pipes and sockets.</summary>
    public uint Major { get; }

    /// <summary>Minor device number (20 bits on Linux); 0 for pipes and sockets.</summary>
    public uint Minor { get; }

    /// <inheritdoc/>
    public override FileNode WithMetadata(Metadata metadata) => new SpecialNode(metadata, Type, Major, Minor);
}
