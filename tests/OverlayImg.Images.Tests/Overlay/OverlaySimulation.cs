using OverlayImg.FileSystems;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Images.Tests;

/// <summary>
/// A model of Linux's overlayfs (redirect_dir=off, metacopy=off, index=off): which files changes leave in the upper
/// directory, and the merged view that processes have.
/// </summary>
internal sealed class OverlaySimulation
{
    private readonly FileTree _lower;

    public OverlaySimulation(FileTree lower)
    {
        _lower = lower;
        Upper = new(new DirectoryNode(lower.Root.Metadata));
        View = new(DeepCopy(lower.Root));
    }

    public FileTree Upper { get; }

    public FileTree View { get; }

    public void WriteFile(string path, string text, bool isReplacing)
    {
        if (ViewParent(path) is null || View.Find(Bytes(path).Span) is DirectoryNode) return;
        if (View.Find(Bytes(path).Span) is RegularFileNode existing && !isReplacing)
            Change(path, new RegularFileNode(existing.Metadata, Trees.File(text).Content));
        else Create(path, Trees.File(text));
    }

    /// <summary>Creates a file that is not a directory, and replaces an existing file as <c>rename(2)</c> does.</summary>
    public void Create(string path, FileNode node)
    {
        if (ViewParent(path) is not { } parent || View.Find(Bytes(path).Span) is DirectoryNode) return;
        UpperParent(path).Set(Name(path), node);
        if (node.Type == FileType.Socket) parent.Remove(Name(path));
        else parent.Set(Name(path), node);
    }

    /// <summary>
    /// Makes a directory. <paramref name="marksAll"/> simulates kernels 4.10 and later, which mark new directories in
    /// merged directories opaque even if they hide nothing.
    /// </summary>
    public void MakeDirectory(string path, ushort permissions, bool marksAll)
    {
        if (ViewParent(path) is not { } parent || parent.Find(Name(path)) is not null) return;
        var lower = LowerDirectory(ParentPath(path));
        var isOpaque = lower is not null && (marksAll || lower.Find(Name(path)) is not null);
        UpperParent(path).Set(Name(path), isOpaque ? Trees.Directory(permissions, ("trusted.overlay.opaque", "y")) : Trees.Directory(permissions));
        parent.Set(Name(path), Trees.Directory(permissions));
    }

    public void Remove(string path)
    {
        if (ViewParent(path) is not { } parent || !parent.Remove(Name(path))) return;
        if (LowerDirectory(ParentPath(path))?.Find(Name(path)) is not null) UpperParent(path).Set(Name(path), Trees.Whiteout());
        else UpperParent(path).Remove(Name(path));
    }

    public void ChangeMode(string path, ushort permissions)
    {
        if (path.Length == 0 || View.Find(Bytes(path).Span) is not { } node) return;
        if (node is not DirectoryNode)
        {
            Change(path, node.WithMetadata(node.Metadata with { Permissions = permissions }));
            return;
        }

        var upper = UpperDirectory(path);
        UpperParent(path).Set(Name(path), upper.WithMetadata(upper.Metadata with { Permissions = permissions }));
        ViewParent(path)!.Set(Name(path), node.WithMetadata(node.Metadata with { Permissions = permissions }));
    }

    public void Link(string existing, string path)
    {
        if (View.Find(Bytes(existing).Span) is not { } node || node is DirectoryNode || ViewParent(path) is not { } parent
            || parent.Find(Name(path)) is not null) return;
        if (!IsInUpper(existing, node)) Change(existing, node = Origin(node));
        UpperParent(path).Set(Name(path), node);
        parent.Set(Name(path), node);
    }

    public void Rename(string existing, string path)
    {
        if (existing == path || View.Find(Bytes(existing).Span) is not { } node || node is DirectoryNode || ViewParent(path) is null
            || View.Find(Bytes(path).Span) is DirectoryNode) return;
        if (!IsInUpper(existing, node)) Change(existing, node = Origin(node));
        Create(path, node);
        Remove(existing);
    }

    /// <summary>Copies a directory up without a change in it.</summary>
    public void Touch(string path)
    {
        if (View.Find(Bytes(path).Span) is not DirectoryNode) return;
        var upper = UpperDirectory(path);
        if (path.Length > 0) UpperParent(path).Set(Name(path), upper.WithMetadata(upper.Metadata with { ModificationTime = new(12345) }));
    }

    /// <summary>
    /// Changes a file: in place for all its hard links if it is in the upper directory, else as a copy under this name
    /// only.
    /// </summary>
    private void Change(string path, FileNode changed)
    {
        var node = View.Find(Bytes(path).Span)!;
        string[] names = IsInUpper(path, node) ? [.. Upper.Walk().Where(entry => entry.Node == node).Select(entry => entry.Path.ToString())] : [path];
        foreach (var name in names)
        {
            UpperParent(name).Set(Name(name), changed);
            ViewParent(name)!.Set(Name(name), changed);
        }
    }

    private static FileNode Origin(FileNode node) =>
        node.WithMetadata(node.Metadata with { ExtendedAttributes = node.ExtendedAttributes.With(Bytes("trusted.overlay.origin"), Bytes("handle")) });

    private bool IsInUpper(string path, FileNode node) => Upper.Find(Bytes(path).Span) == node;

    private DirectoryNode? ViewParent(string path) => View.Find(ParentPath(path).Span) as DirectoryNode;

    private DirectoryNode UpperParent(string path) => UpperDirectory(ParentPath(path).ToString());

    private DirectoryNode UpperDirectory(string path)
    {
        var (upper, view) = (Upper.Root, View.Root);
        foreach (var text in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            view = (DirectoryNode)view.Find(Bytes(text))!;
            if (upper.Find(Bytes(text)) is not DirectoryNode child) upper.Set(Bytes(text), child = new DirectoryNode(view.Metadata));
            upper = child;
        }

        return upper;
    }

    /// <summary>Returns the lower directory that is visible at <paramref name="path"/>; null if none is.</summary>
    private DirectoryNode? LowerDirectory(ByteString path)
    {
        var (upper, lower) = ((FileNode?)Upper.Root, (FileNode?)_lower.Root);
        foreach (var range in TreePath.Components(path.Span))
        {
            var name = new ByteString(path.Span[range]);
            upper = (upper as DirectoryNode)?.Find(name);
            lower = (lower as DirectoryNode)?.Find(name);
            if (upper is DirectoryNode directory ? OverlayForm.IsOpaque(directory) : upper is not null) return null;
        }

        return lower as DirectoryNode;
    }

    private static DirectoryNode DeepCopy(DirectoryNode directory)
    {
        var copy = directory.Copy(directory.Metadata);
        foreach (var (name, node) in directory.UnsortedEntries)
        {
            if (node is DirectoryNode child) copy.Set(name, DeepCopy(child));
        }

        return copy;
    }

    private static ByteString Bytes(string text) => ByteString.FromText(text);

    private static ByteString Name(string path) => TreePath.Name(Bytes(path));

    private static ByteString ParentPath(string path) => TreePath.Parent(Bytes(path));
}
