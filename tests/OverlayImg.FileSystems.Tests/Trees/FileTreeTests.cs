using System.Text;
using OverlayImg.FileSystems.Ext4.Reading;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Trees;

public sealed class FileTreeTests
{
    [Fact]
    public async Task A_walk_has_the_order_of_tar_with_sorted_names()
    {
        using var directory = new TemporaryDirectory();
        // Some names sort between a directory's name and that name with a slash.
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
    public void A_walk_reaches_any_depth()
    {
        var (tree, _) = DeepTree();
        Assert.Equal(20_001, tree.Walk().Count());
    }

    [Fact]
    public void A_directory_has_each_name_once_and_refuses_invalid_names()
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
    public void Finding_a_path_follows_no_symbolic_link_and_enters_no_file()
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

    [Fact]
    public void A_finished_tree_refuses_changes_and_a_copy_of_its_directory_does_not()
    {
        var (tree, directory, name) = (new FileTree(), new DirectoryNode(Metadata.DefaultDirectory), ByteString.FromText("x"));
        var empty = new DirectoryNode(Metadata.DefaultDirectory);
        var before = (DirectoryNode)empty.WithMetadata(Metadata.DefaultDirectory with { Uid = 7 });
        tree.Root.Set(ByteString.FromText("d"), directory);
        directory.Set(ByteString.FromText("empty"), empty);
        directory.Set(name, Link("1"));
        Assert.Same(tree, tree.Finish());
        var after = (DirectoryNode)directory.WithMetadata(Metadata.DefaultDirectory with { Uid = 7 });
        foreach (var finished in (DirectoryNode[])[tree.Root, directory, empty, before, after])
        {
            Assert.Throws<InvalidOperationException>(() => finished.Set(name, Link("2")));
            Assert.Throws<InvalidOperationException>(() => finished.Remove(name));
        }

        var copy = directory.Copy(directory.Metadata);
        Assert.True(copy.Remove(name));
        Assert.Equal((1, 2, 0), (copy.Count, directory.Count, empty.Count));
    }

    [Fact]
    public void A_tree_that_contains_a_finished_tree_can_be_changed_and_finished()
    {
        var (part, tree, above) = (new FileTree(), new FileTree(), new DirectoryNode(Metadata.DefaultDirectory));
        part.Root.Set(ByteString.FromText("f"), Link("x"));
        tree.Root.Set(ByteString.FromText("above"), above);
        above.Set(ByteString.FromText("part"), part.Finish().Root);
        above.Set(ByteString.FromText("later"), Link("x"));
        tree.Finish();
        Assert.Equal((2, 1), (above.Count, part.Root.Count));
        Assert.Throws<InvalidOperationException>(() => above.Remove(ByteString.FromText("later")));
    }

    [Fact]
    public void A_tree_of_any_depth_can_be_finished()
    {
        var (tree, deepest) = DeepTree();
        tree.Finish();
        Assert.Throws<InvalidOperationException>(() => deepest.Set(ByteString.FromText("d"), Link("x")));
    }

    private static (FileTree Tree, DirectoryNode Deepest) DeepTree()
    {
        var tree = new FileTree();
        var directory = tree.Root;
        for (var depth = 0; depth < 20_000; depth++)
        {
            var next = new DirectoryNode(Metadata.DefaultDirectory);
            directory.Set(ByteString.FromText("d"), next);
            directory = next;
        }

        return (tree, directory);
    }

    [Theory]
    [InlineData("tar")]
    [InlineData("ext4")]
    public void A_tree_that_was_read_from_an_archive_or_a_disk_is_finished(string format)
    {
        var (tree, directory) = (new FileTree(), new DirectoryNode(Metadata.DefaultDirectory));
        tree.Root.Set(ByteString.FromText("d"), directory);
        using var files = new TemporaryDirectory();
        if (format == "ext4") Ext4Writer.Write(tree, files["image"], new(), TestContext.Current.CancellationToken);
        else
        {
            using var output = File.Create(files["image"]);
            TarTreeWriter.Write(tree, output, new(), TestContext.Current.CancellationToken);
        }

        using var source = ByteSource.Open(files["image"]);
        var read = format == "ext4"
            ? Ext4Reader.Read(source, TestContext.Current.CancellationToken)
            : TarTree.Read(source, 0, source.Length, default, TestContext.Current.CancellationToken).Tree;
        Assert.Throws<InvalidOperationException>(() => read.Root.Remove(ByteString.FromText("d")));
        Assert.Throws<InvalidOperationException>(() => ((DirectoryNode)read.Find("d"u8)!).Set(ByteString.FromText("x"), Link("x")));
    }

    private static SymbolicLinkNode Link(string target) => new(Metadata.DefaultFile, ByteString.FromText(target));

    private static string Member(TreeEntry entry)
    {
        var name = Encoding.Latin1.GetString(entry.Path.Span);
        return (name.Length == 0 ? "." : "./" + name) + (entry.Node is DirectoryNode ? "/" : "");
    }
}
