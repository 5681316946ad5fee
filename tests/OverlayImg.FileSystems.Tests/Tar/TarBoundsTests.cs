using OverlayImg.FileSystems.Tar;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>The work for archives is bounded, whatever small archives claim.</summary>
public sealed class TarBoundsTests
{
    [Fact]
    public void The_total_length_of_implied_paths_is_bounded()
    {
        var archive = new RawTar();
        for (var number = 0; number < 200; number++) archive.Pax($"path={number}/{string.Concat(Enumerable.Repeat("b/", 2000))}f").File("f");
        var error = Archives.Refused(archive.End());
        Assert.Contains("add up to more than 256 MiB", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("6", error.Where.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Archives_that_are_read_together_share_a_budget()
    {
        var budget = new TreeBudget();
        Assert.True(budget.TryTake(TreeBudget.MaximumMemory - 200));
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory["a.tar"], new RawTar().File("a").File("b").End());
        using var source = ByteSource.Open(directory["a.tar"]);
        var error = Assert.Throws<InputException>(
            () => TarTree.Read(source, 0, source.Length, new("a.tar"), new TreeReading { Budget = budget }, Archives.None));
        Assert.Contains("1024 MiB of memory", error.Message, StringComparison.Ordinal);
        Assert.Equal("a", error.Where.Path);
    }

    [Fact]
    public void A_deep_tree_is_written_with_complete_paths()
    {
        var deep = string.Concat(Enumerable.Repeat("d/", 1500));
        var tree = Archives.Read(new RawTar().Pax($"path={deep}f").File("f", "x").End()).Tree;
        using var listing = new MemoryStream();
        TarTreeWriter.Write(tree, listing, new(), Archives.None);
        var content = TarContent.Of(tree, new(), Archives.None);
        var bytes = new byte[content.Length];
        content.Read(0, bytes);
        Assert.Equal(listing.ToArray(), bytes);
        Assert.Equal($"./{deep}f", Archives.Entries(bytes)[^1].RawName.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_huge_sparse_file_is_refused_before_anything_is_written(bool asContent)
    {
        var tree = new FileTree();
        tree.Root.Set(ByteString.FromText("huge"), new RegularFileNode(Metadata.DefaultFile, new SparseContent(null!, 7L << 40, [])));
        using var output = new MemoryStream();
        var error = Assert.Throws<InputException>(() =>
        {
            if (asContent) TarContent.Of(tree, new(), Archives.None);
            else TarTreeWriter.Write(tree, output, new(), Archives.None);
        });
        Assert.Contains("7340032 MiB", error.Message, StringComparison.Ordinal);
        Assert.Contains("1048576 MiB", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("huge", error.Where.Path, StringComparison.Ordinal);
        Assert.Equal(0, output.Length);
    }

    [Fact]
    public void A_file_with_several_names_counts_once_where_hard_links_are_kept()
    {
        var tree = Archives.Read(new RawTar().File("a", new string('x', 600)).Header("b", '1', 0, "a").End()).Tree;
        Archives.Write(tree, new() { MaximumSize = 600 });
        Assert.Throws<InputException>(() => Archives.Write(tree, new() { MaximumSize = 600, HardLinks = TarHardLinks.Dereference }));
        Assert.Throws<InputException>(() => Archives.Write(tree, new() { MaximumSize = 599 }));
    }

    [Fact]
    public async Task Entries_after_a_single_block_of_zeros_are_not_lost_silently()
    {
        byte[] archive = [.. new RawTar().File("a").Bytes, .. new byte[512], .. new RawTar().File("b").End()];
        Assert.Contains("single block of zeros", Archives.Refused(archive).Message, StringComparison.Ordinal);
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory["a.tar"], archive);
        // GNU tar warns; Go's reader reports an invalid header.
        Assert.Contains("lone zero block", await Tool.BashAsync("tar -tf a.tar 2>&1", directory.Path), StringComparison.Ordinal);
    }
}
