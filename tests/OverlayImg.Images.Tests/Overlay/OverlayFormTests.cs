using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Images.Tests;

public sealed class OverlayFormTests
{
    [Fact]
    public void Overlayfs_attributes_of_an_image_are_left_out_with_a_warning()
    {
        var linked = Trees.File("x", ("trusted.overlay.metacopy", ""), ("user.overlay.redirect", "/etc"), ("user.mine", "1"));
        var tar = new FileTree().With("a", linked).With("b", linked)
            .With("d", Trees.Directory(0x1ED, ("trusted.overlay.opaque", "y"), ("trusted.overlay.redirect", "/root")))
            .With("w", Trees.File("", ("trusted.overlay.whiteout", "")));
        var layer = Trees.Layer(tar);
        Assert.Equal(
            ["/ Directory 755 0:0", "/a RegularFile 644 0:0 user.mine=31 0 1 2D711642B726",
                "/b RegularFile 644 0:0 user.mine=31 0 1 2D711642B726 =/a",
                "/d Directory 755 0:0", "/w RegularFile 644 0:0 0 0 E3B0C44298FC"],
            TreeListing.Of(layer.Tree));
        Assert.Equal(4, layer.Warnings.Count);
        Assert.All(layer.Warnings, warning => Assert.StartsWith("base.tar, layer one.tar, path ", warning, StringComparison.Ordinal));
    }

    [Fact]
    public void Overlayfs_attributes_are_left_out_of_a_new_layer_with_a_warning_unless_the_kernel_set_them()
    {
        var upper = new FileTree().With("f", Trees.File("x", ("user.overlay.metacopy", ""), ("user.mine", "1")))
            .With("d", Trees.Directory(0x1ED, ("trusted.overlay.overlay.opaque", "y"))).With("d/x", Trees.File(""))
            .With("k", Trees.Directory(0x1ED, ("trusted.overlay.opaque", "y"), ("trusted.overlay.uuid", "u")));
        var layer = UpperDiff.Compute(upper, new FileTree());
        Assert.DoesNotContain("overlay", string.Concat(TreeListing.Of(layer.Tree)), StringComparison.Ordinal);
        Assert.Equal(["d", "f"], layer.Warnings.Select(warning => warning.Split(':')[0]).Order());
    }

    [Fact]
    public void A_character_device_0_0_in_a_tar_is_an_overlayfs_whiteout_and_reported()
    {
        var layer = Trees.Layer(new FileTree().With("etc", Trees.Whiteout()).With("null", Trees.Device(1, 3)));
        Assert.Contains("base.tar, layer one.tar, path etc: is a character device 0:0", Assert.Single(layer.Warnings), StringComparison.Ordinal);
        Assert.Equal(["/ Directory 755 0:0", "/null CharacterDevice 644 0:0 1:3"],
            TreeListing.Of(LayerStack.Merge([Trees.Of("etc/x=1"), layer.Tree])));
    }

    [Fact]
    public void A_layer_with_entries_for_all_its_directories_does_not_depend_on_lower_layers()
    {
        Assert.False(Trees.Layer("a/", "a/b/", "a/b/c=1", "a/.wh.x").DependsOnLower);
        Assert.True(Trees.Layer("a/", "a/b/c=1").DependsOnLower);
        Assert.True(Trees.Layer("a/.wh.x").DependsOnLower);
        Assert.False(Trees.Layer("a/", "a/.wh..wh..opq", "a/b/c=1").DependsOnLower);
        Assert.False(Trees.Layer(".wh.a", "a/b/c=1").DependsOnLower);
        Assert.True(Trees.Layer(Trees.Of("a/"), new UnresolvedLink(Trees.Bytes("a/l"), Trees.Bytes("t"), Metadata.DefaultFile, 512)).DependsOnLower);
    }

    [Fact]
    public void An_implied_directory_copies_the_lower_directory_unless_it_is_deleted()
    {
        var lower = new FileTree().With("a", Trees.Directory(0x1C0)).With("a/b", Trees.Directory(0x1C8)).With("gone", Trees.Directory(0x1C0));
        var completed = Trees.Layer("a/b/.wh..wh..opq", "a/b/x=1", "gone/y=1", ".wh.gone").CompleteAgainst(lower);
        Assert.Equal([0x1C0, 0x1C8, 0x1ED], new[] { "a", "a/b", "gone" }.Select(path => completed.Find(Trees.Bytes(path).Span)!.Permissions));
        Assert.True(OverlayForm.IsOpaque((DirectoryNode)completed.Find("a/b"u8)!));
        Assert.True(OverlayForm.IsOpaque((DirectoryNode)completed.Find("gone"u8)!));
    }

    [Theory]
    [InlineData("dir/.wh.x=1")]
    [InlineData("dir/.wh.x/")]
    [InlineData("dir/.wh..wh..opq=")]
    public void A_file_in_the_upper_directory_with_a_whiteouts_name_is_refused(string entry)
    {
        var exception = Assert.Throws<InputException>(() => UpperDiff.Compute(Trees.Of("dir/", entry), new FileTree()));
        Assert.StartsWith($"path {entry.Split('=')[0].TrimEnd('/')}: can't be in a layer", exception.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trusted.overlay.redirect")]
    [InlineData("trusted.overlay.metacopy")]
    public void An_upper_directory_with_redirects_or_metacopies_is_refused(string attribute)
    {
        var upper = new FileTree().With("d", Trees.Directory(0x1ED, (attribute, "x")));
        Assert.Contains($"path d: has the attribute {attribute}",
            Assert.Throws<InputException>(() => UpperDiff.Compute(upper, new FileTree())).Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_is_left_out_with_a_warning_and_hides_the_lower_file()
    {
        var socket = new SpecialNode(Metadata.DefaultFile, FileType.Socket);
        var layer = UpperDiff.Compute(new FileTree().With("new", socket).With("old", socket), Trees.Of("old=1"));
        Assert.Equal([".wh.old"], layer.Tree.Root.SortedEntries().Select(entry => entry.Name.ToString()));
        Assert.Equal(["new is a socket, which no layer can hold; it is left out.", "old is a socket, which no layer can hold; it is left out."],
            layer.Warnings);
    }

    [Fact]
    public void A_whiteout_in_attribute_form_deletes_the_lower_file()
    {
        var upper = new FileTree().With("d", Trees.Directory(0x1ED, ("trusted.overlay.opaque", "x")))
            .With("d/f", Trees.File("", ("trusted.overlay.whiteout", "")));
        var layer = UpperDiff.Compute(upper, Trees.Of("d/", "d/f=1", "d/g=2")).Tree;
        Assert.Equal(["", "d", "d/.wh.f"], layer.Walk().Select(entry => entry.Path.ToString()));
    }

    [Fact]
    public void A_path_of_two_thousand_directories_does_not_overflow_the_stack()
    {
        var deep = string.Concat(Enumerable.Repeat("d/", 2000));
        var lower = Trees.Of(deep + "gone=1");
        var upper = Trees.Of(deep + "new=1").With(deep + "gone", Trees.Whiteout());
        var layer = Trees.Layer(UpperDiff.Compute(upper, lower).Tree);
        Assert.Equal(["new"], ((DirectoryNode)LayerStack.Merge([lower,
            layer.CompleteAgainst(lower)]).Find(Trees.Bytes(deep).Span)!).SortedEntries().Select(entry => entry.Name.ToString()));
    }
}
