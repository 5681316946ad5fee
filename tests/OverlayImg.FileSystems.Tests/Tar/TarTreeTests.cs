namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>How entries become a tree, by the rules for layers as containerd and umoci apply them.</summary>
public sealed class TarTreeTests
{
    [Theory]
    [InlineData("./a/b")]
    [InlineData("/a/b")]
    [InlineData("a//b")]
    [InlineData("a/./b/.")]
    [InlineData("../../a/b")]
    [InlineData("x/../a/b")]
    [InlineData("/../x/../../a/b")]
    public void Names_are_normalized_against_the_root(string name)
    {
        var tree = Archives.Read(new RawTar().File(name, "x").End()).Tree;
        Assert.Equal("x"u8.ToArray(), tree.Contents("a/b"));
        Assert.Equal(3, tree.Walk().Count());
    }

    [Fact]
    public void Missing_parents_are_implied_until_an_entry_describes_them()
    {
        var tree = Archives.Read(new RawTar().File("a/b/c").Header("a", '5', change: block => RawTar.Octal(block, 108, 8, 7)).End()).Tree;
        Assert.True(tree.Root.IsImplied);
        var a = (DirectoryNode)tree.Find("a")!;
        Assert.Equal((false, 7U), (a.IsImplied, a.Uid));
        Assert.True(((DirectoryNode)tree.Find("a/b")!).IsImplied);
        Assert.NotNull(tree.Find("a/b/c"));
    }

    [Theory]
    [InlineData("./")]
    [InlineData("/")]
    [InlineData(".")]
    [InlineData("a/..")]
    public void An_entry_for_the_root_sets_the_roots_metadata(string name)
    {
        var tree = Archives.Read(new RawTar().File("f").Header(name, '5', change: block => RawTar.Octal(block, 108, 8, 7)).End()).Tree;
        Assert.Equal((false, 7U, 1), (tree.Root.IsImplied, tree.Root.Uid, tree.Root.Count));
    }

    [Theory]
    [InlineData('0')]
    [InlineData('1')]
    [InlineData('2')]
    public void An_entry_for_the_root_that_is_not_a_directory_is_refused(char type) =>
        Archives.Refused(new RawTar().File("f").Header("/.", type, 0, "f").End());

    [Fact]
    public void The_last_entry_of_a_path_counts_and_gives_a_warning()
    {
        var result = Archives.Read(new RawTar().File("a", "1").File("./a", "22").End());
        Assert.Equal(2, ((RegularFileNode)result.Tree.Find("a")!).Content.Length);
        Assert.Contains("./a", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_warnings_is_limited()
    {
        var archive = new RawTar();
        for (var index = 0; index < 500; index++) archive.File("a");
        Assert.Equal(100, Archives.Read(archive.End()).Warnings.Count);
    }

    [Fact]
    public void A_repeated_directory_entry_keeps_the_directorys_names()
    {
        var tree = Archives.Read(new RawTar().Header("d", '5').File("d/f").Header("d/", '5', change: block => RawTar.Octal(block, 100, 8, 0x1C0))
            .File("d/g").End()).Tree;
        Assert.Equal(2, ((DirectoryNode)tree.Find("d")!).Count);
        Assert.Equal(0x1C0, tree.Find("d")!.Permissions);
    }

    [Fact]
    public void A_file_replaces_a_directory_and_a_directory_a_file()
    {
        var tree = Archives.Read(new RawTar().Header("d", '5').File("d/f").File("d", "x").End()).Tree;
        Assert.Equal("x"u8.ToArray(), tree.Contents("d"));
        // A path below a file replaces the file by a directory.
        tree = Archives.Read(new RawTar().File("d", "x").File("d/f").End()).Tree;
        Assert.NotNull(tree.Find("d/f"));
    }

    [Fact]
    public void Entries_below_a_replaced_directory_do_not_change_the_old_directory()
    {
        var tree = Archives.Read(new RawTar().File("d/a").Header("d", '2', 0, "e").File("d/b").End()).Tree;
        Assert.Equal(FileType.SymbolicLink, tree.Find("d")!.Type);
        Assert.NotNull(tree.Find("e/b"));
        tree = Archives.Read(new RawTar().Header("d", '5').Header("d/s", '2', 0, ".").File("d/s/x").File("d/s/s").File("d/s/y").End()).Tree;
        Assert.NotNull(tree.Find("d/x"));
        Assert.NotNull(tree.Find("d/s/y"));
    }

    [Theory]
    [InlineData("real")]
    [InlineData("/real")]
    [InlineData("../../../real")]
    [InlineData("./hop")]
    public void An_entry_below_a_symbolic_link_is_added_to_the_links_target_inside_the_root(string target)
    {
        var tree = Archives.Read(new RawTar().Header("real", '5').Header("hop", '2', 0, "real").Header("link", '2', 0, target).File("link/f", "x")
            .End()).Tree;
        Assert.Equal("x"u8.ToArray(), tree.Contents("real/f"));
        Assert.Equal(FileType.SymbolicLink, tree.Find("link")!.Type);
    }

    [Fact]
    public void An_entry_below_a_dangling_link_creates_the_links_target()
    {
        var tree = Archives.Read(new RawTar().Header("link", '2', 0, "/var/run").File("link/f", "x").End()).Tree;
        Assert.Equal("x"u8.ToArray(), tree.Contents("var/run/f"));
        Assert.True(((DirectoryNode)tree.Find("var")!).IsImplied);
    }

    [Fact]
    public void An_entry_below_a_loop_of_links_is_refused_with_its_path()
    {
        var error = Archives.Refused(new RawTar().Header("a", '2', 0, "b").Header("b", '2', 0, "a").File("a/f").End());
        Assert.Equal("a/f", error.Where.Path);
    }

    [Fact]
    public void Links_whose_targets_multiply_are_refused()
    {
        var archive = new RawTar();
        for (var index = 0; index < 30; index++)
        {
            archive.Header($"l{index}", '2', 0, string.Concat(Enumerable.Repeat($"l{index + 1}/", 12)));
        }

        // Each link leads to the root in the end, so that the next link is found again: 12 to the 30th power steps.
        archive.Header("l30", '2', 0, ".");
        Archives.Refused(archive.File("l0/f").End());
    }

    [Fact]
    public void Hard_links_share_a_node_with_an_earlier_or_later_target()
    {
        var result = Archives.Read(new RawTar().Header("z", '1', 0, "./y").Header("y", '1', 0, "/d/../a").File("a", "x").Header("b", '1', 0, "a")
            .End());
        foreach (var name in new[] { "z", "y", "b" }) Assert.Same(result.Tree.Find("a"), result.Tree.Find(name));
        Assert.Empty(result.UnresolvedLinks);
    }

    [Fact]
    public void A_hard_link_to_a_symbolic_link_refers_to_the_symbolic_link()
    {
        var tree = Archives.Read(new RawTar().File("a").Header("s", '2', 0, "a").Header("h", '1', 0, "s").Header("d", '2', 0, "e").File("e/f")
            .Header("g", '1', 0, "d/f").End()).Tree;
        Assert.Same(tree.Find("s"), tree.Find("h"));
        Assert.Same(tree.Find("e/f"), tree.Find("g"));
    }

    [Fact]
    public void A_hard_link_keeps_the_old_content_when_its_target_is_replaced()
    {
        var tree = Archives.Read(new RawTar().File("a", "old").Header("b", '1', 0, "a").File("a", "new").End()).Tree;
        Assert.Equal("old"u8.ToArray(), tree.Contents("b"));
        Assert.Equal("new"u8.ToArray(), tree.Contents("a"));
    }

    [Fact]
    public void Hard_links_without_a_target_in_the_archive_are_reported_and_not_in_the_tree()
    {
        var result = Archives.Read(new RawTar().Header("d/.wh.x", '1', 0, "../lower/f").Header("gone", '1', 0, "nowhere").File("gone", "x")
            .Header("c1", '1', 0, "c2").Header("c2", '1', 0, "c1").End());
        Assert.Equal([("d/.wh.x", "lower/f", 0L), ("c1", "c2", 2048), ("c2", "c1", 2560)],
            result.UnresolvedLinks.Select(link => (link.Path.ToString(), link.Target.ToString(), link.Offset)));
        Assert.Null(result.Tree.Find("d/.wh.x"));
        Assert.NotNull(result.Tree.Find("d"));
        Assert.Equal("x"u8.ToArray(), result.Tree.Contents("gone"));
        Assert.Null(result.Tree.Find("c1"));
    }

    [Theory]
    [InlineData("d")]
    [InlineData("/")]
    public void A_hard_link_to_a_directory_is_refused(string target) =>
        Archives.Refused(new RawTar().Header("d", '5').Header("a", '1', 0, target).End());

    [Fact]
    public void A_hard_link_to_the_root_is_refused_in_any_order() =>
        Archives.Refused(new RawTar().Header("a", '1', 0, "/").Header("d", '5').End());

    // The directory came after the link, so the link refers to a file of a lower layer.
    [Fact]
    public void A_hard_link_whose_target_becomes_a_directory_later_is_reported()
    {
        var result = Archives.Read(new RawTar().Header("a", '1', 0, "d").Header("d", '5').End());
        Assert.Equal([("a", "d")], result.UnresolvedLinks.Select(link => (link.Path.ToString(), link.Target.ToString())));
        Assert.Null(result.Tree.Find("a"));
        Assert.IsType<DirectoryNode>(result.Tree.Find("d"));
    }

    [Fact]
    public void Whiteouts_are_ordinary_names() =>
        Assert.Equal(3, Archives.Read(new RawTar().File(".wh.x").File(".wh..wh..opq").End()).Tree.Walk().Count());

    [Fact]
    public void Entries_that_are_impossible_on_Linux_are_refused()
    {
        Archives.Refused(new RawTar().Header("l", '2').End());
        Archives.Refused(new RawTar().Pax("uid=-1").File("f").End());
        Archives.Refused(new RawTar().Pax("gid=4294967296").File("f").End());
        Archives.Refused(new RawTar().Header("c", '3', change: block => RawTar.Octal(block, 329, 8, 4096)).End());
        Archives.Refused(new RawTar().Pax("path=" + string.Concat(Enumerable.Repeat("a/", 2049))).File("f").End());
        Archives.Refused(new RawTar().Pax("linkpath=" + new string('a', 4096)).Header("f", '2').End());
        Archives.Refused(new RawTar().Header("f", 'M', 0).End());
        Archives.Refused(new RawTar().Pax("LIBARCHIVE.xattr.user.a=!!!").File("f").End());
    }

    [Fact]
    public void Entries_of_unknown_types_become_regular_files_with_a_warning()
    {
        var result = Archives.Read(new RawTar().Header("f", 'Z', 1).Data("x").Header("label", 'V').End());
        Assert.Equal("x"u8.ToArray(), result.Tree.Contents("f"));
        Assert.Null(result.Tree.Find("label"));
        Assert.Equal(2, result.Warnings.Count);
    }

    [Theory]
    [InlineData("GNU.sparse.map=0,5,3,5", "GNU.sparse.numblocks=2", "GNU.sparse.size=10")]
    [InlineData("GNU.sparse.map=5,5,0,5", "GNU.sparse.numblocks=2", "GNU.sparse.size=10")]
    [InlineData("GNU.sparse.map=0,10", "GNU.sparse.numblocks=2", "GNU.sparse.size=10")]
    [InlineData("GNU.sparse.map=0,10", "GNU.sparse.numblocks=1", "GNU.sparse.size=9")]
    [InlineData("GNU.sparse.map=0,9", "GNU.sparse.numblocks=1", "GNU.sparse.size=10")]
    [InlineData("GNU.sparse.map=0,10,20", "GNU.sparse.numblocks=1", "GNU.sparse.size=30")]
    [InlineData("GNU.sparse.map=-5,10", "GNU.sparse.numblocks=1", "GNU.sparse.size=30")]
    [InlineData("GNU.sparse.map=0,10", "GNU.sparse.numblocks=1", "GNU.sparse.size=99999999999999999")]
    [InlineData("GNU.sparse.map=9223372036854775807,10", "GNU.sparse.numblocks=1", "GNU.sparse.size=10")]
    [InlineData("GNU.sparse.offset=0", "GNU.sparse.offset=5", "GNU.sparse.size=10")]
    [InlineData("GNU.sparse.major=2", "GNU.sparse.minor=0", "GNU.sparse.size=10")]
    [InlineData("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=10")]
    public void An_invalid_sparse_map_is_refused(params string[] records) =>
        Assert.Contains("sparse", Archives.Refused(new RawTar().Pax(records).File("f", "0123456789").End()).Message, StringComparison.Ordinal);

    [Fact]
    public void A_valid_sparse_map_is_read()
    {
        var tree = Archives.Read(new RawTar().Pax("GNU.sparse.map=2,5,10,5", "GNU.sparse.numblocks=2", "GNU.sparse.size=16", "GNU.sparse.name=real")
            .File("f", "0123456789").End()).Tree;
        Assert.Equal("\0\00123"u8.ToArray().Append((byte)'4').Concat("\0\0\056789\0"u8.ToArray()), tree.Contents("real"));
    }

    [Fact]
    public void An_endless_sparse_map_in_the_content_is_refused()
    {
        var map = "9999999\n" + string.Concat(Enumerable.Repeat("0\n0\n", 500_000));
        Archives.Refused(new RawTar().Pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=1").File("f", map).End());
    }

    [Fact]
    public void Nodes_share_equal_attributes()
    {
        var archive = new RawTar();
        for (var index = 0; index < 10; index++) archive.Pax($"SCHILY.xattr.user.a={index % 2}").File($"f{index}");
        var tree = Archives.Read(archive.End()).Tree;
        Assert.Same(tree.Find("f0")!.ExtendedAttributes, tree.Find("f8")!.ExtendedAttributes);
        Assert.NotSame(tree.Find("f0")!.ExtendedAttributes, tree.Find("f1")!.ExtendedAttributes);
    }
}
