using System.Text;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Trees;

public sealed class FileTreeTests
{
    [Fact]
    public async Task A_walk_has_the_order_of_tar_sorting_by_name()
    {
        using var directory = new TemporaryDirectory();
        // Names that fall between a directory's name, that name with a slash, and its neighbours.
        await Tool.BashAsync("""
            mkdir -p a/a a/b a-b a.b 'a b' ab a0 $'\xff' é Z _; touch a/a.x a/a/x a/aa a+ a, a! A $'\xff/\x01' $'\x01' ab/'/' z~ 2>/dev/null || :
            mkdir -p a.b/c/d/e; touch a.b/c/d/e/f a.b/c-d a.b/c.d
            """, directory.Path);
        var tree = FileSystems.HostDirectory.HostTree.Read(directory.Path, new() { Xattrs = false }, TestContext.Current.CancellationToken);
        string[] list = ["-c", "LC_ALL=C tar --sort=name -cf - . | tar t --quoting-style=literal --null"];
        var tar = await Tool.RunAsync("bash", list, directory: directory.Path, cancellationToken: TestContext.Current.CancellationToken);
        var expected = Encoding.Latin1.GetString(tar.Succeeded().StandardOutputBytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(expected.Length > 20);
        Assert.Equal(expected, tree.Walk().Select(Member));
    }

    [Fact]
    public void A_walk_comes_to_any_depth()
    {
        var tree = new FileTree();
        var directory = tree.Root;
        for (var depth = 0; depth < 20_000; depth++)
        {
            var next = new DirectoryNode(Metadata.DefaultDirectory);
            directory.Set(ByteString.FromText("d"), next);
            directory = next;
        }

        Assert.Equal(20_001, tree.Walk().Count());
    }

    [Fact]
    public void A_directory_keeps_each_name_once_and_refuses_what_is_no_name()
    {
        var directory = new DirectoryNode(Metadata.DefaultDirectory);
        var (first, second) = (Link("1"), Link("2"));
        directory.Set(ByteString.FromText("x"), first);
        directory.Set(ByteString.FromText("x"), second);
        Assert.Same(second, directory.Find(ByteString.FromText("x")));
        Assert.Equal(1, directory.Count);
        Assert.True(directory.Remove(ByteString.FromText("x")));
        Assert.False(directory.Remove(ByteString.FromText("x")));
        Assert.Empty(directory.SortedEntries());
        foreach (var name in (string[])["", ".", "..", "a/b", "/", "a\0b"])
        {
            Assert.Throws<ArgumentException>(() => directory.Set(ByteString.FromText(name), first));
        }
    }

    [Fact]
    public void A_directory_with_other_metadata_shares_its_names_and_a_copy_does_not()
    {
        var directory = new DirectoryNode(Metadata.DefaultDirectory, isImplied: true);
        var described = (DirectoryNode)directory.WithMetadata(Metadata.DefaultDirectory with { Uid = 7 });
        var copy = directory.Copy(directory.Metadata);
        directory.Set(ByteString.FromText("later"), Link("x"));
        Assert.Equal((1, 0), (described.Count, copy.Count));
        Assert.Equal((7u, false, true), (described.Uid, described.IsImplied, copy.IsImplied));
    }

    [Fact]
    public void Finding_follows_no_link_and_enters_no_file()
    {
        var tree = new FileTree();
        var directory = new DirectoryNode(Metadata.DefaultDirectory);
        tree.Root.Set(ByteString.FromText("d"), directory);
        tree.Root.Set(ByteString.FromText("l"), Link("d"));
        directory.Set(ByteString.FromText("f"), new RegularFileNode(Metadata.DefaultFile, FileContent.Empty));
        Assert.Same(tree.Root, tree.Find(""u8));
        Assert.NotNull(tree.Find("d/f"u8));
        Assert.Null(tree.Find("l/f"u8));
        Assert.Null(tree.Find("d/f/g"u8));
        Assert.Null(tree.Find("d/."u8));
    }

    private static SymbolicLinkNode Link(string target) => new(Metadata.DefaultFile, ByteString.FromText(target));

    private static string Member(TreeEntry entry)
    {
        var name = Encoding.Latin1.GetString(entry.Path.Span);
        return (name.Length == 0 ? "." : "./" + name) + (entry.Node is DirectoryNode ? "/" : "");
    }
}
