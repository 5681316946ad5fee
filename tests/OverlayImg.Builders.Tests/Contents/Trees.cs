using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Contents;

/// <summary>Makes file trees from scripts, and text from file trees.</summary>
internal static class Trees
{
    /// <summary>Returns the tree, held in memory, that a bash script makes in the new directory <paramref name="path"/>.</summary>
    public static async Task<FileTree> MakeAsync(string path, string script)
    {
        Directory.CreateDirectory(path);
        await Tool.BashAsync(script, path);
        return InMemory(HostTree.Read(path, new(), TestContext.Current.CancellationToken));
    }

    /// <summary>Reads the content of all files of the tree into memory, so that the tree outlives its directory.</summary>
    public static FileTree InMemory(FileTree tree)
    {
        foreach (var (path, node) in tree.Walk().ToList())
        {
            if (node is not RegularFileNode file) continue;
            var bytes = new byte[file.Content.Length];
            file.Content.Read(0, bytes);
            var directory = (DirectoryNode)tree.Find(TreePath.Parent(path).Span)!;
            directory.Set(TreePath.Name(path), new RegularFileNode(file.Metadata, new MemoryContent(bytes)));
        }

        return tree;
    }

    /// <summary>Returns one line for each path: the path, the octal permissions, and a letter for the type with the content.</summary>
    public static IEnumerable<string> Lines(FileTree tree) =>
        tree.Walk().Select(entry => $"{(entry.Path.IsEmpty ? "." : entry.Path)} {Convert.ToString(entry.Node.Permissions, 8)} {What(entry.Node)}");

    /// <summary>Returns the tree that a mount of <paramref name="upper"/> over <paramref name="lower"/> shows. Both are without whiteouts.</summary>
    public static DirectoryNode Overlay(DirectoryNode upper, DirectoryNode lower)
    {
        var merged = lower.Copy(upper.Metadata);
        foreach (var (name, node) in upper.UnsortedEntries)
        {
            merged.Set(name, node is DirectoryNode above && lower.Find(name) is DirectoryNode below ? Overlay(above, below) : node);
        }

        return merged;
    }

    private static string What(FileNode node) => node switch
    {
        DirectoryNode => "d",
        SymbolicLinkNode link => $"l {link.Target}",
        RegularFileNode file => $"f {Text(file.Content)}",
        _ => node.Type.ToString(),
    };

    private static string Text(FileContent content)
    {
        var bytes = new byte[content.Length];
        content.Read(0, bytes);
        return new ByteString(bytes).ToString();
    }
}
