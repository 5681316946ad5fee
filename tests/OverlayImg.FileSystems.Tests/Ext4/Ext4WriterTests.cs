using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Ext4;

public class Ext4WriterTests
{
    [Theory]
    // Superblock, descriptors, two bitmaps, inodes, the root, and on a writable disk lost+found.
    [InlineData(true, 6)]
    [InlineData(false, 7)]
    public async Task An_empty_tree_makes_the_smallest_disk(bool readOnly, int blocks)
    {
        using var disk = await TestDisk.WriteAsync(new FileTree(), new() { ReadOnly = readOnly });
        Assert.Equal(blocks * 4096, new FileInfo(disk.Path).Length);
        Assert.Equal(TreeFacts.Of(new FileTree()), await disk.KernelFactsAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(50_000)]
    public async Task A_directory_shows_every_name(int count)
    {
        var tree = Make.Tree(("d", Make.Many(count, number => $"name-{number}", () => Make.File("x"))));
        using var disk = await TestDisk.WriteAsync(tree);
        await disk.ShowsAsync(tree);
    }

    [Fact]
    public async Task Names_keep_their_bytes()
    {
        var root = Make.Directory();
        byte[][] names =
        [
            [.. Enumerable.Repeat((byte)'n', 255)], [0xFF, 0xFE, 0x80], [.. "a\nb"u8], [.. "back\\slash"u8], [.. " "u8], [.. "..."u8],
        ];
        foreach (var name in names) root.Set(new(name), Make.File());
        using var disk = await TestDisk.WriteAsync(new(root));
        await disk.ShowsAsync(new(root));
    }

    [Fact]
    public void A_name_of_256_bytes_is_refused_with_its_path()
    {
        var error = TestDisk.Refusal<InputException>(Make.Tree(("d", Make.Directory((new string('n', 256), Make.File())))));
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
        await disk.ShowsAsync(tree);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public void A_symbolic_link_with_an_impossible_target_is_refused_with_its_path(int length)
    {
        var error = TestDisk.Refusal<InputException>(Make.Tree(("d", Make.Directory(("l", Make.Link(new string('t', length)))))));
        Assert.Equal("d/l", error.Where.Path);
    }

    [Fact]
    public async Task Hard_links_are_one_inode()
    {
        var (file, link, device) = (Make.File(), Make.Link("target"), new SpecialNode(Make.Plain, FileType.CharacterDevice, 1, 3));
        var directory = Make.Directory(("c", file), ("l2", link), ("dev2", device));
        var tree = Make.Tree(("a", file), ("b", file), ("d", directory), ("l1", link), ("dev1", device));
        using var disk = await TestDisk.WriteAsync(tree);
        await disk.ShowsAsync(tree);
        Assert.Contains("Links: 3", await disk.AskAsync("stat a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_can_have_65000_names_and_no_more()
    {
        var file = Make.File();
        var names = Make.Many(65_000, number => $"n{number}", () => file);
        using var disk = await TestDisk.WriteAsync(Make.Tree(("d", names)));
        names.Set(ByteString.FromText("one-more"), file);
        Assert.Equal("d/n0", TestDisk.Refusal<InputException>(Make.Tree(("d", names))).Where.Path);
    }

    [Fact]
    public async Task A_directory_can_have_65100_subdirectories_and_the_kernel_can_change_it()
    {
        var tree = Make.Tree(("d", Make.Many(65_100, number => $"{number}", () => Make.Directory())));
        using var disk = await TestDisk.WriteAsync(tree, new() { Size = 4L << 30 });
        Assert.Equal(TreeFacts.Of(tree), disk.ReaderFacts());
        Assert.Equal("65101\n1\n", await disk.BashAsync("mkdir d/x d/y d/z; rmdir d/x d/5; ls d | wc -l; stat -c %h d", readOnly: false));
        await disk.CheckAsync();
    }

    [Fact]
    public async Task Owners_modes_devices_pipes_and_sockets_read_back()
    {
        var metadata = Make.Plain with { Uid = 4_294_967_294, Gid = 4_294_967_294, Permissions = 0xFFF };
        (uint Major, uint Minor)[] devices = [(1, 3), (255, 255), (256, 0), (0, 256), (259, 70_000), (4095, 1_048_575), (0, 0)];
        FileNode Device(FileType type, uint major, uint minor) => new SpecialNode(metadata, type, major, minor);
        var tree = Make.Tree([
            .. devices.Select(device => ($"c{device.Major}-{device.Minor}", Device(FileType.CharacterDevice, device.Major, device.Minor))),
            .. devices.Select(device => ($"b{device.Major}-{device.Minor}", Device(FileType.BlockDevice, device.Major, device.Minor))),
            ("pipe", new SpecialNode(metadata, FileType.Fifo)),
            ("socket", new SpecialNode(metadata, FileType.Socket)),
            ("file", Make.File("x", metadata)),
            ("low", Make.File("x", metadata with { Uid = 65_536, Gid = 65_535, Permissions = 0 })),
        ]);
        using var disk = await TestDisk.WriteAsync(tree);
        await disk.ShowsAsync(tree);
    }

    [Fact]
    public void A_device_number_out_of_range_is_refused_with_its_path()
    {
        var tree = Make.Tree(("dev", new SpecialNode(Make.Plain, FileType.BlockDevice, 4096, 0)));
        Assert.Equal("dev", TestDisk.Refusal<InputException>(tree).Where.Path);
    }

    [Fact]
    public async Task A_lost_and_found_of_the_tree_replaces_the_default_one()
    {
        var tree = Make.Tree(("lost+found", Make.Directory(("saved", Make.File()))), ("a", Make.File()));
        using var disk = await TestDisk.WriteAsync(tree);
        Assert.Equal(TreeFacts.Of(tree), disk.ReaderFacts());
        Assert.Contains("Inode: 11 ", await disk.AskAsync("stat lost+found"), StringComparison.Ordinal);
        using var withFile = await TestDisk.WriteAsync(Make.Tree(("lost+found", Make.File())));
        Assert.Contains("Type: regular", await withFile.AskAsync("stat lost+found"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Equal_trees_give_equal_disks_and_different_trees_give_different_UUIDs()
    {
        static FileTree Tree(string text) => Make.Tree(("a", Make.File()), ("b", Make.Link(text)), ("c", Make.Directory(("x", Make.Sized(10_000)))));
        using var first = await TestDisk.WriteAsync(Tree("same"));
        using var second = await TestDisk.WriteAsync(Tree("same"));
        using var third = await TestDisk.WriteAsync(Tree("else"));
        Assert.Equal(File.ReadAllBytes(first.Path), File.ReadAllBytes(second.Path));
        Assert.NotEqual(await UuidAsync(first), await UuidAsync(third));
    }

    [Fact]
    public async Task A_read_only_disk_can_not_be_written_to()
    {
        using var disk = await TestDisk.WriteAsync(Make.Tree(("a", Make.File())));
        var touching = await disk.MountedAsync(point => Tool.RunAsync("touch", [Path.Combine(point, "new")]), readOnly: false);
        Assert.NotEqual(0, touching.ExitCode);
        Assert.Contains("Read-only", touching.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_with_two_names_is_an_argument_error()
    {
        var directory = Make.Directory();
        TestDisk.Refusal<ArgumentException>(Make.Tree(("a", directory), ("b", directory)));
        directory.Set(ByteString.FromText("self"), directory);
        TestDisk.Refusal<ArgumentException>(new(directory));
    }

    [Fact]
    public void A_failed_or_cancelled_write_leaves_no_disk()
    {
        using var directory = new TemporaryDirectory();
        using var gone = new CancellationTokenSource();
        var tree = Make.Tree(("a", new RegularFileNode(Make.Plain, new FailingContent(gone))));
        Assert.Throws<OperationCanceledException>(() => Ext4Writer.Write(tree, directory["disk.img"], new(), gone.Token));
        TestDisk.Refusal<InputException>(tree);
        Assert.Empty(Directory.GetFiles(directory.Path));
        Assert.Throws<MachineException>(() => Ext4Writer.Write(new FileTree(), directory["no/such/disk.img"], new(), CancellationToken.None));
    }

    private static Task<string> UuidAsync(TestDisk disk) => Tool.OutputAsync("blkid", "-p", "-o", "value", "-s", "UUID", disk.Path);

    // Cancels in the first megabytes and throws in the last ones.
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
