using OverlayImg.FileSystems.Ext4.Reading;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Ext4;

public class Ext4SizeTests
{
    private const long Group = 128L << 20;

    [Fact]
    public async Task Files_with_sizes_around_block_and_group_boundaries_read_back()
    {
        long[] sizes = [0, 1, 4095, 4096, 4097, 65_537, Group + 1];
        var tree = Make.Tree([.. sizes.Select(size => ($"s{size}", (FileNode)Make.Sized(size)))]);
        using var disk = await TestDisk.WriteAsync(tree);
        await disk.ShowsAsync(tree);
    }

    [Fact]
    public async Task Holes_stay_holes()
    {
        DataExtent[] pieces = [new(0, 10), new(5000, 3), new(5005, 100_000), new(1 << 20, 1), new((200L << 20) - 7, 7)];
        var tree = Make.Tree(
            ("sparse", Make.Sparse(200L << 20, pieces)),
            ("hole", Make.Sparse(100L << 20)),
            ("tail", Make.Sparse(100_000, new DataExtent(0, 4096))));
        using var disk = await TestDisk.WriteAsync(tree);
        await disk.ShowsAsync(tree);
        Assert.True(new FileInfo(disk.Path).Length < 1 << 20);
        Assert.Equal("0", await disk.BashAsync("stat --printf %b hole"));
    }

    [Fact]
    public async Task A_file_of_3_TiB_has_data_at_both_ends()
    {
        const long Size = 3L << 40;
        var tree = Make.Tree(
            ("giant", Make.Sparse(Size, new(0, 5), new(Size / 2, 10_000), new(Size - 5, 5))),
            ("one", Make.Sparse(1L << 30, new DataExtent(77, 1))));
        using var disk = await TestDisk.WriteAsync(tree);
        var tail = await disk.MountedAsync(point => Tool.RunAsync("tail", ["-c", "6", Path.Combine(point, "giant")]));
        var expected = new byte[6];
        ((RegularFileNode)tree.Find("giant"u8)!).Content.Read(Size - 6, expected);
        Assert.Equal(expected, tail.StandardOutputBytes);
        await disk.ShowsAsync(tree);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(5, 1)]
    [InlineData(340, 1)]
    [InlineData(341, 2)]
    [InlineData(1360, 4)]
    [InlineData(1361, 6)]
    [InlineData(20_000, 60)]
    public async Task Files_of_many_extents_read_back(int pieces, int treeBlocks)
    {
        DataExtent[] extents = [.. Enumerable.Range(0, pieces).Select(piece => new DataExtent((piece * 8192L) + 4096, 4096))];
        var tree = Make.Tree(("f", Make.Sparse(pieces * 8192L, extents)));
        using var disk = await TestDisk.WriteAsync(tree);
        await disk.ShowsAsync(tree);
        Assert.Equal($"{(pieces + treeBlocks) * 8}", await disk.BashAsync("stat --printf %b f"));
    }

    [Fact]
    public async Task An_extent_tree_can_be_three_levels_deep()
    {
        const int Pieces = (4 * 340 * 340) + 1;
        var tree = Make.Tree(("f", new RegularFileNode(Make.Plain, new ZeroContent(Pieces))));
        using var disk = await TestDisk.WriteAsync(tree);
        Assert.Contains(" 0/ 3 ", await disk.AskAsync("extents -n f"), StringComparison.Ordinal);
        // 1361 leaves, 5 nodes above the leaves, and one node above those.
        Assert.Equal($"{(Pieces + 1361 + 5 + 1) * 8}", await disk.BashAsync("stat --printf %b f"));
        using var source = ByteSource.Open(disk.Path);
        var content = ((RegularFileNode)Ext4Reader.Read(source, CancellationToken.None).Find("f"u8)!).Content;
        Assert.Equal(Pieces, content.DataExtents.Count());
    }

    [Fact]
    public async Task A_contiguous_file_of_43_GiB_needs_a_tree_of_two_leaves()
    {
        var tree = Make.Tree(("f", new RegularFileNode(Make.Plain, new ZeroContent(43L << 30, hasHoles: false))));
        using var disk = await TestDisk.WriteAsync(tree);
        Assert.Contains($"Size: {43L << 30}\n", await disk.AskAsync("stat f"), StringComparison.Ordinal);
        using var source = ByteSource.Open(disk.Path);
        Assert.Equal([new(0, 43L << 30)], ((RegularFileNode)Ext4Reader.Read(source, CancellationToken.None).Find("f"u8)!).Content.DataExtents);
    }

    [Fact]
    public void A_file_above_16_TiB_is_refused_with_its_path()
    {
        var tree = Make.Tree(("f", Make.Sparse(16L << 40)));
        Assert.Equal("f", TestDisk.Refusal<InputException>(tree).Where.Path);
    }

    [Theory]
    [InlineData(16L << 20)]
    [InlineData(Group - 4096)]
    [InlineData(Group)]
    [InlineData(Group + 4096)]
    [InlineData((1L << 30) + 1)]
    [InlineData(8L << 30)]
    [InlineData(100L << 30)]
    [InlineData(4L << 40)]
    public async Task A_writable_disk_has_the_requested_size(long size)
    {
        var tree = Make.Tree(("layer", Make.Directory(("f", Make.Sized(100_000)))), ("work", Make.Directory()));
        using var disk = await TestDisk.WriteAsync(tree, new() { Size = size });
        Assert.Equal(size / 4096 * 4096, new FileInfo(disk.Path).Length);
        Assert.True(await disk.SuperblockNumberAsync("Free inodes") >= Math.Min(size / 16384, 1 << 22));
        await disk.BashAsync("mkdir layer/d; touch layer/d/x; dd if=/dev/zero of=layer/big bs=1M count=8 status=none", readOnly: false);
        await disk.CheckAsync();
    }

    [Fact]
    public async Task The_last_group_may_have_any_size()
    {
        foreach (var groups in new[] { 1, 3, 129 })
        {
            foreach (var blocks in new[] { 1, 2, 16, 31, 64, 65, 515, 1024, 32_767 })
            {
                var size = (groups * Group) + (blocks * 4096L);
                using var disk = await TestDisk.WriteAsync(Make.Tree(("f", Make.File())), new() { Size = size });
                // The kernel must mount the disk and use its last blocks.
                await disk.BashAsync("touch x; fallocate -l 1M y", readOnly: false);
                await disk.CheckAsync();
            }
        }
    }

    [Fact]
    public async Task The_smallest_disk_may_end_at_any_block_of_a_group()
    {
        for (var blocks = 32_767 - 25; blocks < 32_768 + 10; blocks++)
        {
            var file = new RegularFileNode(Make.Plain, new ZeroContent(blocks * 4096L, hasHoles: false));
            using var disk = await TestDisk.WriteAsync(Make.Tree(("f", file)));
            await disk.MountedAsync(point => Tool.OutputAsync("stat", Path.Combine(point, "f")));
        }
    }

    [Fact]
    public async Task A_tree_of_many_empty_files_gets_groups_for_its_inodes()
    {
        var whiteouts = Make.Many(70_000, number => $"{number}", () => new SpecialNode(Make.Plain, FileType.CharacterDevice));
        var tree = Make.Tree(("d", whiteouts));
        using var disk = await TestDisk.WriteAsync(tree);
        Assert.Equal(TreeFacts.Of(tree), disk.ReaderFacts());
    }

    [Fact]
    public async Task The_error_for_a_too_small_disk_has_a_sufficient_size()
    {
        var tree = Make.Tree(("f", new RegularFileNode(Make.Plain, new ZeroContent(300 << 20, hasHoles: false))));
        var error = TestDisk.Refusal<MachineException>(tree, new() { Size = 100 << 20 });
        Assert.Equal([FileSystemSetting.DiskSize], error.Advice!.Settings);
        var needed = long.Parse(error.Message.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
        using var disk = await TestDisk.WriteAsync(tree, new() { Size = needed });
        TestDisk.Refusal<MachineException>(tree, new() { Size = needed - 4096 });
    }

    [Fact]
    public async Task The_requested_number_of_free_inodes_is_available()
    {
        using var disk = await TestDisk.WriteAsync(new FileTree(), new() { Size = 64 << 20, FreeInodes = 20_000 });
        Assert.True(await disk.SuperblockNumberAsync("Free inodes") >= 20_000);
    }

    // Zeros that count as data: they take blocks of the disk, but no space on the host.
    private sealed class ZeroContent(long count, bool hasHoles = true) : FileContent
    {
        public override long Length => hasHoles ? count * 8192 : count;

        public override IEnumerable<DataExtent> DataExtents => hasHoles ? Pieces() : base.DataExtents;

        protected override void ReadCore(long offset, Span<byte> buffer) => buffer.Clear();

        private IEnumerable<DataExtent> Pieces()
        {
            for (var piece = 0L; piece < count; piece++) yield return new(piece * 8192, 4096);
        }
    }
}
