namespace OverlayImg.FileSystems.Ext4.Reading;

/// <summary>A path as a chain of names. Its memory is the same at every depth.</summary>
/// <param name="Parent">The path of the parent directory; null for the root.</param>
/// <param name="Name">The last name; empty for the root.</param>
internal sealed record NamePath(NamePath? Parent, ByteString Name)
{
    public static NamePath Root { get; } = new(null, ByteString.Empty);

    /// <summary>Length of the path in bytes, without a leading slash.</summary>
    public int Length { get; } = Parent is null or { Length: 0 } ? Name.Length : Parent.Length + 1 + Name.Length;

    /// <summary>Formats the path for messages; "/" for the root.</summary>
    public override string ToString()
    {
        if (Parent is null) return "/";
        var path = Name;
        for (var directory = Parent; directory is not null; directory = directory.Parent) path = TreePath.Join(directory.Name, path);
        return path.ToString();
    }
}
