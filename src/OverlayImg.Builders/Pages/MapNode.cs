using OverlayImg.FileSystems;
using OverlayImg.Images.Inspection;

namespace OverlayImg.Builders.Pages;

/// <summary>A file or a directory of a <see cref="FileMap"/>.</summary>
/// <param name="name">The name in the directory; empty for the root.</param>
/// <param name="parent">The directory; null for the root.</param>
internal sealed class MapNode(ByteString name, MapNode? parent)
{
    private List<MapNode>? _children;
    private long _largest = -1;

    /// <summary>The name in the directory.</summary>
    public ByteString Name { get; } = name;

    /// <summary>The directory; null for the root.</summary>
    public MapNode? Parent { get; } = parent;

    /// <summary>Whether the node is a directory.</summary>
    public bool IsDirectory => _children is not null;

    /// <summary>Size of the file in bytes, or the sum of all sizes in the directory.</summary>
    public long Size { get; private set; }

    /// <summary>Number of files, links and devices in the directory; 1 for a file.</summary>
    public int Files { get; private set; }

    /// <summary>The number that the page's script turns into a colour. A directory has the number of its largest file.</summary>
    public int Tone { get; private set; }

    /// <summary>
    /// Kind of the file: <c>l</c> symbolic link, <c>h</c> further name of a file, <c>s</c> device, pipe or socket; null for other files.
    /// </summary>
    public string? Mark { get; private set; }

    /// <summary>The entries of the directory: the largest first, then by name.</summary>
    public IReadOnlyList<MapNode> SortedChildren()
    {
        _children!.Sort((left, right) => right.Size.CompareTo(left.Size) is not 0 and var order ? order : left.Name.CompareTo(right.Name));
        return _children;
    }

    /// <summary>Adds an entry to the directory.</summary>
    public MapNode Add(ByteString name)
    {
        var child = new MapNode(name, this);
        (_children ??= []).Add(child);
        return child;
    }

    /// <summary>Makes the node a directory, which has no entries yet.</summary>
    public void BecomeDirectory() => _children ??= [];

    /// <summary>Makes the node a file, and adds the file to all directories above it.</summary>
    public void Count(long size, int tone, string? mark)
    {
        Mark = mark;
        for (var node = this; node is not null; node = node.Parent)
        {
            node.Size = ByteTotal.Add(node.Size, size);
            node.Files++;
            if (size <= node._largest) continue;
            (node._largest, node.Tone) = (size, tone);
        }
    }
}
