using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>A part of a tree, with the directories above it.</summary>
/// <param name="whole">The whole tree, with which nodes are shared.</param>
/// <param name="withTimes">Whether directories keep their times instead of the time 0.</param>
internal sealed class TreePart(FileTree whole, bool withTimes = false)
{
    private readonly Dictionary<ByteString, DirectoryNode> _made = [];

    /// <summary>Adds the directory at <paramref name="path"/> without its entries.</summary>
    public void AddDirectory(ByteString path) => DirectoryAt(path);

    /// <summary>Adds the node at <paramref name="path"/>, which is no directory.</summary>
    public void Add(ByteString path) => DirectoryAt(TreePath.Parent(path)).Set(TreePath.Name(path), whole.Find(path.Span)!);

    public FileTree ToTree() => new(DirectoryAt(ByteString.Empty));

    private DirectoryNode DirectoryAt(ByteString path)
    {
        // Goes up to the next directory that exists already, then down again.
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
