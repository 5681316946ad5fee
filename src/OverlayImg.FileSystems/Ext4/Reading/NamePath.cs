namespace OverlayImg.FileSystems.Ext4.Reading;

/// <summary>A path as a chain of names, so that remembering one per directory costs the same at every depth.</summary>
/// <param name="Parent">The directory that it stands in; null for the root.</param>
/// <param name="Name">Empty for the root.</param>
internal sealed record NamePath(NamePath? Parent, ByteString Name)
{
    /// <summary>The root.</summary>
    public static NamePath Root { get; } = new(null, ByteString.Empty);

    /// <summary>Bytes of the path.</summary>
    public int Length { get; } = Parent is null or { Length: 0 } ? Name.Length : Parent.Length + 1 + Name.Length;

    /// <summary>For messages; the root is "/".</summary>
    public override string ToString()
    {
        if (Parent is null) return "/";
        var path = Name;
        for (var directory = Parent; directory is not null; directory = directory.Parent) path = TreePath.Join(directory.Name, path);
        return path.ToString();
    }
}
