using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using OverlayImg.FileSystems.Ext4.Format;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Ext4;

/// <summary>Indexes of large directories, checked by e2fsck, debugfs and the kernel.</summary>
public class Ext4IndexTests
{
    // A record has 20 bytes: so many records exceed the limit for directories without an index.
    private const int LeastIndexed = (DirectoryIndex.LargestWithout / 20) + 1;

    // Bytes 224 to 231 of names that otherwise consist of "n". All these names have the same hash. They were found among 70,000 million names.
    private static readonly string[] Twins =
    [
        "AACqy4RT", "AAElV2RY", "AAJOPSAh", "AAJgfoL1", "AAKBQeBL", "AAOE0RUo", "AAQyw122", "AARDDBmv", "AARNnPym",
        "AARuy4JS", "AARv7KFz", "AAWm_d8o", "AAZzRZrd", "AAbR8Di3", "AAcbJnmf", "AAdXbgvO", "AAdpaG9n", "AAhVSUu-",
        "AAirmHeY", "AAmnG2O1", "AApcjCIE", "AApkU6AG", "AAr-vaiY", "AAsNVWDa", "AAwLqBbB", "AAw6lQEY", "AAxjcM4N",
        "AAzkEoCl", "AA0CXZvo", "AA3ZZexr", "AA51bu0h", "AA6dQfXY", "AA-eC3rn", "AA--MCiM", "ABAkQhfz", "ABArzGvX",
    ];

    [Theory]
    [InlineData(LeastIndexed - 1, false)]
    [InlineData(LeastIndexed, true)]
    public async Task Only_a_large_directory_gets_an_index_and_only_its_disk_gets_the_feature_flag(int count, bool isIndexed)
    {
        var tree = Make.Tree(("d", Many(count)), ("small", Make.Directory(("a", Make.File()))));
        using var disk = await TestDisk.WriteAsync(tree);
        await disk.ShowsAsync(tree);
        Assert.Equal(isIndexed, await IsIndexedAsync(disk, "d"));
        Assert.False(await IsIndexedAsync(disk, "small"));
        Assert.Equal(isIndexed, (await disk.AskAsync("features")).Contains("dir_index", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_directory_below_the_size_limit_gets_no_index_on_a_disk_with_indexes()
    {
        var tree = Make.Tree(("large", Many(LeastIndexed)), ("middle", Many(LeastIndexed - 1)));
        using var disk = await TestDisk.WriteAsync(tree);
        Assert.True(await IsIndexedAsync(disk, "large"));
        Assert.False(await IsIndexedAsync(disk, "middle"));
        await disk.ShowsAsync(tree);
    }

    [Theory]
    [InlineData(60_000, 6, 0)]
    // 15 names of 250 bytes fill a block, so that the directory has more blocks than the root has entries.
    [InlineData(9_000, 245, 1)]
    public async Task The_kernel_finds_every_name_by_its_hash(int count, int digits, int levels)
    {
        var name = (int number) => "name-" + number.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
        var tree = Make.Tree(("d", Make.Many(count, name, () => Make.File(""))));
        using var disk = await TestDisk.WriteAsync(tree);
        Assert.Contains($"Indirect levels: {levels}", await disk.AskAsync("htree_dump d"), StringComparison.Ordinal);
        var python = $"""
            import os
            names = ["d/name-%0{digits}d" % number for number in range({count})]
            print(sum(os.path.lexists(name) for name in names), sum(os.path.lexists(name + "x") for name in names), len(os.listdir("d")))
            """;
        Assert.Equal($"{count} 0 {count}\n", await disk.BashAsync($"python3 - <<'END'\n{python}\nEND"));
        Assert.Equal(TreeFacts.Of(tree), disk.ReaderFacts());
    }

    [Fact]
    public async Task A_large_directory_stays_valid_for_e2fsck_and_the_reader_after_the_kernel_changed_it()
    {
        using var disk = await TestDisk.WriteAsync(Make.Tree(("d", Many(10_000))), new() { Size = 256 << 20 });
        await disk.BashAsync("cd d; seq -f new-%.0f 1 5000 | xargs touch; seq -f name-%06.0f 0 2 9999 | xargs rm", readOnly: false);
        await disk.CheckAsync();
        Assert.Equal(10_000, disk.ReaderFacts().Count(line => line.StartsWith("d/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Hashes_equal_those_of_debugfs()
    {
        using var disk = await TestDisk.WriteAsync(new FileTree());
        string[] names =
        [
            "a", "abc", "abcd", "lost+found", new('x', 31), new('y', 32), new('z', 33), new('w', 254), "äöü€", "日本語ファイル名",
        ];
        foreach (var name in names)
        {
            var hash = string.Create(CultureInfo.InvariantCulture, $"0x{DirectoryHash.Of(ByteString.FromText(name).Span):x8} ");
            Assert.Contains(hash, await disk.AskAsync($"dx_hash -h half_md4 {name}"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Names_with_equal_hashes_fill_several_blocks_and_are_all_found()
    {
        var twins = Twins.Select(twin => ByteString.FromText(new string('n', 224) + twin + new string('n', 23))).ToList();
        Assert.Single(twins.Select(twin => DirectoryHash.Of(twin.Span)).Distinct());
        var directory = Many(LeastIndexed);
        // 15 records of such names fill a block, so that a block in the middle starts and ends with the same hash.
        Assert.True(twins.Count > 30);
        foreach (var twin in twins) directory.Set(twin, Make.File(""));
        var tree = Make.Tree(("d", directory));
        using var disk = await TestDisk.WriteAsync(tree);
        await disk.ShowsAsync(tree);
    }

    [Fact]
    public void A_directory_of_random_names_passes_e2fsck_and_shows_all_names()
    {
        var directories =
            from seed in Gen.Choose(0, int.MaxValue)
            from shortest in Gen.Choose(1, 12)
            from longest in Gen.OneOf(Gen.Choose(12, 24), Gen.Choose(12, 255))
            from isReadOnly in Gen.Elements(true, false)
            select (seed, shortest, longest, isReadOnly);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(8), Prop.ForAll(directories.ToArbitrary(), directory =>
        {
            var (seed, shortest, longest, isReadOnly) = directory;
            var tree = Make.Tree(("d", RandomNames(new(seed), shortest, longest)));
            // FsCheck runs properties of C# synchronously.
            using var disk = TestDisk.WriteAsync(tree, isReadOnly ? null : new() { Size = 1L << 30 }).GetAwaiter().GetResult();
            disk.ShowsAsync(tree).GetAwaiter().GetResult();
        }));
    }

    [Fact]
    public async Task Equal_large_directories_give_equal_disks_in_any_order_of_creation()
    {
        var (forwards, backwards) = (Make.Directory(), Make.Directory());
        foreach (var number in Enumerable.Range(0, LeastIndexed)) forwards.Set(Name(number), Make.File(""));
        foreach (var number in Enumerable.Range(0, LeastIndexed).Reverse()) backwards.Set(Name(number), Make.File(""));
        using var first = await TestDisk.WriteAsync(new(forwards));
        using var second = await TestDisk.WriteAsync(new(backwards));
        Assert.Equal(File.ReadAllBytes(first.Path), File.ReadAllBytes(second.Path));
    }

    [Fact]
    public void More_names_than_an_index_of_two_levels_can_hold_are_refused()
    {
        var entry = new PlannedEntry(ByteString.FromText(new string('n', 255)), 11);
        var entries = new PlannedEntry[(15 * DirectoryIndex.MaximumLeaves) + 1];
        Array.Fill(entries, entry);
        Assert.Equal((uint)(1 + 508 + DirectoryIndex.MaximumLeaves), new DirectoryIndex(entries.AsSpan(1)).BlockCount);
        var error = Assert.Throws<InputException>(() => new DirectoryIndex(entries));
        Assert.Contains("3893821 names", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-O metadata_csum")]
    public async Task Indexes_of_mke2fs_and_e2fsck_are_read(string options)
    {
        // Small blocks need two levels of index for few names. mke2fs reads the whole directory for each name that it adds.
        using var disk = await TestDisk.WriteAsync(new FileTree());
        await Tool.BashAsync($"""
            rm disk.img
            mkdir d
            cd d
            seq -f a-name-of-some-length-%.0f 1 4000 | xargs touch
            cd ..
            mke2fs -q -t ext4 -b 1024 -N 5000 {options} -d d disk.img 50M
            e2fsck -fyD disk.img >/dev/null || [ $? = 1 ]
            """, Path.GetDirectoryName(disk.Path)!);
        Assert.True(await IsIndexedAsync(disk, "/"));
        Assert.Contains("Indirect levels: 1", await disk.AskAsync("htree_dump /"), StringComparison.Ordinal);
        Assert.Equal(4000, disk.ReaderFacts().Count(line => line.StartsWith("a-name", StringComparison.Ordinal)));
    }

    private static ByteString Name(int number) => ByteString.FromText(string.Create(CultureInfo.InvariantCulture, $"name-{number:d6}"));

    private static DirectoryNode Many(int count)
    {
        var directory = Make.Directory();
        for (var number = 0; number < count; number++) directory.Set(Name(number), Make.File(""));
        return directory;
    }

    // Adds names until the directory needs an index.
    private static DirectoryNode RandomNames(Random random, int shortest, int longest)
    {
        var directory = Make.Directory();
        for (var size = 0; size <= DirectoryIndex.LargestWithout;)
        {
            var bytes = new byte[random.Next(shortest, longest + 1)];
            random.NextBytes(bytes);
            var name = new ByteString(bytes);
            if (!DirectoryNode.IsValidName(bytes) || directory.TryFind(name, out _)) continue;
            directory.Set(name, Make.File(""));
            size += DirectoryRecord.LengthFor(name.Length);
        }

        return directory;
    }

    private static async Task<bool> IsIndexedAsync(TestDisk disk, string path) =>
        (Convert.ToUInt32((await disk.AskAsync($"stat {path}")).Split("Flags: 0x")[1].Split('\n')[0].Trim(), 16) & 0x1000) != 0;
}
