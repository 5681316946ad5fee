using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Images.Tests;

/// <summary>Small trees for tests: a path that ends in a slash is a directory, <c>path=text</c> a file, <c>path-&gt;target</c> a symbolic link.</summary>
internal static class Trees
{
    public static readonly ByteString Opaque = ByteString.FromText("trusted.overlay.opaque");

    public static ByteString Bytes(string text) => ByteString.FromText(text);

    public static FileTree Of(params string[] entries)
    {
        var tree = new FileTree();
        foreach (var entry in entries) Add(tree, entry);
        return tree;
    }

    /// <summary>A tree whose directories are implied unless an entry of their own comes first.</summary>
    public static OverlayLayer Layer(params string[] entries) => Layer(Of(entries));

    public static OverlayLayer Layer(FileTree tar, params UnresolvedLink[] links) => OverlayLayer.FromTar(new(tar, links, []), new("base.tar", "one.tar"));

    public static FileTree With(this FileTree tree, string path, FileNode node)
    {
        Parent(tree, Bytes(path)).Set(TreePath.Name(Bytes(path)), node);
        return tree;
    }

    public static RegularFileNode File(string text = "", params (string Name, string Value)[] attributes) =>
        new(Metadata.DefaultFile with { ExtendedAttributes = Attributes(attributes) }, new MemoryContent(Bytes(text).Memory));

    public static DirectoryNode Directory(ushort permissions = 0x1ED, params (string Name, string Value)[] attributes) =>
        new(Metadata.DefaultDirectory with { Permissions = permissions, ExtendedAttributes = Attributes(attributes) });

    public static SpecialNode Device(uint major, uint minor) => new(Metadata.DefaultFile, FileType.CharacterDevice, major, minor);

    public static SpecialNode Whiteout() => Device(0, 0);

    private static ExtendedAttributes Attributes((string Name, string Value)[] attributes) =>
        ExtendedAttributes.Of(attributes.Select(attribute => new ExtendedAttribute(Bytes(attribute.Name), Bytes(attribute.Value))));

    private static void Add(FileTree tree, string entry)
    {
        if (entry.EndsWith('/')) tree.With(entry.TrimEnd('/'), Directory());
        else if (entry.Split("->") is [var link, var target]) tree.With(link, new SymbolicLinkNode(Metadata.DefaultFile, Bytes(target)));
        else tree.With(entry.Split('=')[0], File(entry.Contains('=', StringComparison.Ordinal) ? entry.Split('=')[1] : ""));
    }

    private static DirectoryNode Parent(FileTree tree, ByteString path)
    {
        var directory = tree.Root;
        foreach (var range in TreePath.Components(TreePath.Parent(path).Span))
        {
            var name = new ByteString(path.Span[range]);
            if (directory.Find(name) is not DirectoryNode child) directory.Set(name, child = new DirectoryNode(Metadata.DefaultDirectory, isImplied: true));
            directory = child;
        }

        return directory;
    }
}
