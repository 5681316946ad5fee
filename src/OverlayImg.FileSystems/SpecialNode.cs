namespace OverlayImg.FileSystems;

/// <summary>A device, a named pipe or a socket.</summary>
public sealed class SpecialNode : FileNode
{
    /// <summary>Makes one.</summary>
    /// <param name="metadata">What every node has.</param>
    /// <param name="type">One of the kinds without content.</param>
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

    /// <summary>Major device number (12 bits on Linux).</summary>
    public uint Major { get; }

    /// <summary>Minor device number (20 bits on Linux).</summary>
    public uint Minor { get; }

    /// <inheritdoc/>
    public override FileNode WithMetadata(Metadata metadata) => new SpecialNode(metadata, Type, Major, Minor);
}
