using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>A part of a tree, with the directories that lead to it.</summary>
/// <param name="whole">The tree that it is of; nodes are shared with it.</param>
/// <param name="withTimes">Whether directories have their times, and not the epoch.</param>
internal sealed class TreePart(FileTree whole, bool withTimes = false)
{
    private readonly Dictionary<ByteString, DirectoryNode> _made = [];

    /// <summary>Adds the directory at <paramref name="path"/>, without what is in it.</summary>
    public void AddDirectory(ByteString path) => DirectoryAt(path);

    /// <summary>Adds what stands at <paramref name="path"/>, no directory.</summary>
    public void Add(ByteString path) => DirectoryAt(TreePath.Parent(path)).Set(TreePath.Name(path), whole.Find(path.Span)!);

    /// <summary>The part.</summary>
    public FileTree ToTree() => new(DirectoryAt(ByteString.Empty));

    private DirectoryNode DirectoryAt(ByteString path)
    {
        // Up to what is there already, then down again.
        var missing = new Stack<ByteString>();
        for (; !_made.ContainsKey(path) && !path.IsEmpty; path = TreePath.Parent(path)) missing.Push(path);
        if (!_made.TryGetValue(path, out var directory)) directory = _made[path] = Like(whole.Root);
        while (missing.TryPop(out var next))
        {
            var made = Like((DirectoryNode)whole.Find(next.Span)!);
            directory.Set(TreePath.Name(next), made);
            directory = _made[next] = made;
        }

        return directory;
    }

    private DirectoryNode Like(DirectoryNode directory) =>
        new(withTimes ? directory.Metadata : directory.Metadata with { ModificationTime = default });
}
