using OverlayImg.FileSystems.Ext4;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Ext4;

public class Ext4WriterTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_empty_tree_makes_the_smallest_disk(bool readOnly)
    {
        using var disk = await TestDisk.WriteAsync(new FileTree(), new() { ReadOnly = readOnly });
        Assert.Equal(7 * 4096, new FileInfo(disk.Path).Length);
        Assert.Equal(TreeFacts.Of(new FileTree()), await disk.KernelFactsAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(50_000)]
    public async Task A_directory_shows_every_name(int count)
    {
        var tree = Make.Tree(("d", Make.Directory([.. Enumerable.Range(0, count).Select(number => ($"name-{number}", (FileNode)Make.File("x")))])));
        using var disk = await TestDisk.WriteAsync(tree);
        var expected = TreeFacts.Of(tree);
        Assert.Equal(expected, await disk.KernelFactsAsync());
        Assert.Equal(expected, disk.ReaderFacts());
    }

    [Fact]
    public async Task Names_keep_their_bytes()
    {
        var root = Make.Directory();
        byte[][] names = [[.. Enumerable.Repeat((byte)'n', 255)], [0xFF, 0xFE, 0x80], "a\nb"u8.ToArray(), "back\\slash"u8.ToArray(), " "u8.ToArray(), "..."u8.ToArray()];
        foreach (var name in names) root.Set(new(name), Make.File());
        using var disk = await TestDisk.WriteAsync(new(root));
        Assert.Equal(TreeFacts.Of(new(root)), await disk.KernelFactsAsync());
        Assert.Equal(TreeFacts.Of(new(root)), disk.ReaderFacts());
    }

    [Fact]
    public void A_name_of_256_bytes_is_refused_with_its_path()
    {
        var error = Assert.Throws<InputException>(() => Write(Make.Tree(("d", Make.Directory((new string('n', 256), Make.File()))))));
        Assert.StartsWith("d/nnn", error.Where.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Symbolic_links_of_every_length_read_back()
    {
        int[] lengths = [1, 59, 60, 61, 1000, 4095];
        var manyXattrs = Make.With(("trusted.big", Make.Bytes(200)));
        var tree = Make.Tree([
            .. lengths.Select(length => ($"l{length}", (FileNode)Make.Link(new string('t', length)))),
            .. lengths.Select(length => ($"x{length}", (FileNode)Make.Link(new string('t', length), manyXattrs))),
        ]);
        using var disk = await TestDisk.WriteAsync(tree);
        Assert.Equal(TreeFacts.Of(tree), await disk.KernelFactsAsync());
        Assert.Equal(TreeFacts.Of(tree), disk.ReaderFacts());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public void A_target_that_does_not_fit_is_refused_with_its_path(int length)
    {
        var error = Assert.Throws<InputException>(() => Write(Make.Tree(("d", Make.Directory(("l", Make.Link(new string('t', length))))))));
        Assert.Equal("d/l", error.Where.Path);
    }

    [Fact]
    public async Task Hard_links_are_one_inode()
    {
        var (file, link, device) = (Make.File(), Make.Link("target"), new SpecialNode(Make.Plain, FileType.CharacterDevice, 1, 3));
        var tree = Make.Tree(("a", file), ("b", file), ("d", Make.Directory(("c", file), ("l2", link), ("dev2", device))), ("l1", link), ("dev1", device));
        using var disk = await TestDisk.WriteAsync(tree);
        Assert.Equal(TreeFacts.Of(tree), await disk.KernelFactsAsync());
        Assert.Equal(TreeFacts.Of(tree), disk.ReaderFacts());
        Assert.Contains("Links: 3", await disk.AskAsync("stat a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_can_have_65000_names_and_no_more()
    {
        var file = Make.File();
        var names = Make.Directory([.. Enumerable.Range(0, 65_000).Select(number => ($"n{number}", (FileNode)file))]);
        using var disk = await TestDisk.WriteAsync(Make.Tree(("d", names)));
        names.Set(ByteString.FromText("one-more"), file);
        Assert.Equal("d/n0", Assert.Throws<InputException>(() => Write(Make.Tree(("d", names)))).Where.Path);
    }

    [Fact]
    public async Task A_directory_with_65100_subdirectories_fits_on_a_read_only_disk_alone()
    {
        var tree = Make.Tree(("d", Make.Directory([.. Enumerable.Range(0, 65_100).Select(number => ($"{number}", (FileNode)Make.Directory()))])));
        using var disk = await TestDisk.WriteAsync(tree);
        Assert.Equal(TreeFacts.Of(tree), disk.ReaderFacts());
        Assert.Equal("d", Assert.Throws<InputException>(() => Write(tree, new() { Size = 4L << 30 })).Where.Path);
    }

    [Fact]
    public async Task Owners_modes_devices_pipes_and_sockets_read_back()
    {
        var metadata = Make.Plain with { Uid = 4_294_967_294, Gid = 4_294_967_294, Permissions = 0xFFF };
        (uint Major, uint Minor)[] devices = [(1, 3), (255, 255), (256, 0), (0, 256), (259, 70_000), (4095, 1_048_575), (0, 0)];
        var tree = Make.Tree([
            .. devices.Select(device => ($"c{device.Major}-{device.Minor}", (FileNode)new SpecialNode(metadata, FileType.CharacterDevice, device.Major, device.Minor))),
            .. devices.Skip(1).Select(device => ($"b{device.Major}-{device.Minor}", (FileNode)new SpecialNode(metadata, FileType.BlockDevice, device.Major, device.Minor))),
            ("pipe", new SpecialNode(metadata, FileType.Fifo)),
            ("socket", new SpecialNode(metadata, FileType.Socket)),
            ("file", Make.File("x", metadata)),
            ("low", Make.File("x", metadata with { Uid = 65_536, Gid = 65_535, Permissions = 0 })),
        ]);
        using var disk = await TestDisk.WriteAsync(tree);
        Assert.Equal(TreeFacts.Of(tree), await disk.KernelFactsAsync());
        Assert.Equal(TreeFacts.Of(tree), disk.ReaderFacts());
    }

    [Fact]
    public void A_device_number_beyond_Linux_is_refused() =>
        Assert.Equal("dev", Assert.Throws<InputException>(() => Write(Make.Tree(("dev", new SpecialNode(Make.Plain, FileType.BlockDevice, 4096, 0))))).Where.Path);

    [Fact]
    public async Task The_trees_own_lost_and_found_takes_the_place_of_ours()
    {
        var tree = Make.Tree(("lost+found", Make.Directory(("saved", Make.File()))), ("a", Make.File()));
        using var disk = await TestDisk.WriteAsync(tree);
        Assert.Equal(TreeFacts.Of(tree), disk.ReaderFacts());
        Assert.Contains("Inode: 11 ", await disk.AskAsync("stat lost+found"), StringComparison.Ordinal);
        using var withFile = await TestDisk.WriteAsync(Make.Tree(("lost+found", Make.File())));
        Assert.Contains("Type: regular", await withFile.AskAsync("stat lost+found"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_trees_give_equal_disks_and_other_trees_other_UUIDs()
    {
        static FileTree Tree(string text) => Make.Tree(("a", Make.File()), ("b", Make.Link(text)), ("c", Make.Directory(("x", Make.Sized(10_000)))));
        using var first = await TestDisk.WriteAsync(Tree("same"));
        using var second = await TestDisk.WriteAsync(Tree("same"));
        using var third = await TestDisk.WriteAsync(Tree("else"));
        Assert.Equal(File.ReadAllBytes(first.Path), File.ReadAllBytes(second.Path));
        Assert.NotEqual(await Tool.OutputAsync("blkid", "-o", "value", "-s", "UUID", first.Path), await Tool.OutputAsync("blkid", "-o", "value", "-s", "UUID", third.Path));
    }

    [Fact]
    public async Task A_read_only_disk_can_not_be_mounted_writable()
    {
        using var disk = await TestDisk.WriteAsync(Make.Tree(("a", Make.File())));
        var touching = await disk.MountedAsync(point => Tool.RunAsync("touch", [Path.Combine(point, "new")]), readOnly: false);
        Assert.NotEqual(0, touching.ExitCode);
        Assert.Contains("Read-only", touching.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_under_two_names_is_a_mistake_of_the_caller()
    {
        var directory = Make.Directory();
        Assert.Throws<ArgumentException>(() => Write(Make.Tree(("a", directory), ("b", directory))));
        directory.Set(ByteString.FromText("self"), directory);
        Assert.Throws<ArgumentException>(() => Write(new(directory)));
    }

    [Fact]
    public void A_failure_leaves_no_disk()
    {
        using var directory = new TemporaryDirectory();
        using var gone = new CancellationTokenSource();
        var tree = Make.Tree(("a", new RegularFileNode(Make.Plain, new FailingContent(gone))));
        Assert.Throws<OperationCanceledException>(() => Ext4Writer.Write(tree, directory["disk.img"], new(), gone.Token));
        Assert.Throws<InputException>(() => Ext4Writer.Write(tree, directory["disk.img"], new(), CancellationToken.None));
        Assert.Empty(Directory.GetFiles(directory.Path));
        Assert.Throws<MachineException>(() => Ext4Writer.Write(new FileTree(), directory["no/such/disk.img"], new(), CancellationToken.None));
    }

    private static void Write(FileTree tree, Ext4WriterOptions? options = null)
    {
        using var directory = new TemporaryDirectory();
        Ext4Writer.Write(tree, directory["disk.img"], options ?? new() { ReadOnly = true }, CancellationToken.None);
    }

    // Cancels in its first megabytes, fails in its last.
    private sealed class FailingContent(CancellationTokenSource cancellation) : FileContent
    {
        public override long Length => 20 << 20;

        protected override void ReadCore(long offset, Span<byte> buffer)
        {
            cancellation.Cancel();
            if (offset + buffer.Length == Length) throw new InputException("ends early");
        }
    }
}
