using OverlayImg.Caching;
using OverlayImg.Layers.Guests;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Caching;

/// <summary>The disks of cache mounts, as runs take and store them. Programs that write to a disk play the guests.</summary>
public sealed class CacheMountStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private int _copies;

    private string Place => Path.Combine(_directory["cache"], CacheMountStore.DirectoryName);

    private Cache Cache => new(_directory["cache"], long.MaxValue);

    private CacheMountStore Store => new(Cache);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_run_gets_the_disk_that_the_previous_run_stored()
    {
        var first = Copy("apt");
        await Tool.BashAsync($"e2fsck -fn {first} >/dev/null; stat -c %s {first}; debugfs -R 'stat content' {first} | grep -c 'Type: directory'");
        await WriteAsync(first, "one");
        Store.Keep("apt", first);
        Assert.False(File.Exists(first));
        var second = Copy("apt");
        Assert.Equal("one", await ReadAsync(second));
        Assert.Equal("", await ReadAsync(Copy("other")));
        await WriteAsync(second, "two");
        // The second disk is not stored yet.
        Assert.Equal("one", await ReadAsync(Copy("apt")));
        Store.Keep("apt", second);
        Assert.Equal("two", await ReadAsync(Copy("apt")));
        Assert.Equal(["apt-1"], Directory.EnumerateDirectories(Place).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_copy_has_the_full_size_and_is_sparse()
    {
        var disk = Copy("apt");
        await WriteAsync(disk, "one");
        Store.Keep("apt", disk);
        var copy = Copy("apt");
        Assert.Equal(CacheMountStore.DiskSize, new FileInfo(copy).Length);
        var kibibytes = (await Tool.BashAsync($"du -k {copy} | cut -f 1")).Trim();
        Assert.InRange(int.Parse(kibibytes, System.Globalization.CultureInfo.InvariantCulture), 1, 1024);
    }

    [Fact]
    public void Only_one_run_at_a_time_can_store_the_disk_of_a_name()
    {
        using (var turn = Store.TryTakeTurn("apt"))
        {
            Assert.NotNull(turn);
            Assert.Null(Store.TryTakeTurn("apt"));
            using var other = Store.TryTakeTurn("pip");
            Assert.NotNull(other);
        }

        using var next = Store.TryTakeTurn("apt");
        Assert.NotNull(next);
    }

    [Theory]
    [InlineData("printf x | dd of=DISK bs=1 seek=70000 conv=notrunc status=none")]
    [InlineData("truncate -s -4096 DISK")]
    [InlineData("rm DISK")]
    [InlineData("rm DISK; mkdir DISK")]
    [InlineData("rm DISK; mkfifo DISK")]
    [InlineData("rm RECORD")]
    public async Task An_altered_disk_is_replaced_by_an_empty_disk_and_reported(string change)
    {
        var disk = Copy("apt");
        await WriteAsync(disk, "one");
        Store.Keep("apt", disk);
        var entry = Path.Combine(Place, "apt-1");
        await Tool.BashAsync(change.Replace("DISK", $"{entry}/disk.ext4").Replace("RECORD", $"{entry}/record"));
        Assert.Equal("", await ReadAsync(Copy("apt", isAsStored: false)));
        var next = Copy("apt", isAsStored: false);
        Store.Keep("apt", next);
        Assert.Equal("", await ReadAsync(Copy("apt")));
    }

    [Fact]
    public async Task The_next_run_gets_an_empty_disk_after_a_drop_or_a_prune()
    {
        foreach (var remove in new Action[] { () => Store.Drop("apt"), () => CacheEntries.Prune(Cache with { Limit = 0 }) })
        {
            var disk = Copy("apt");
            await WriteAsync(disk, "one");
            Store.Keep("apt", disk);
            Assert.Equal(("mount", "apt-1"), Assert.Single(CacheEntries.List(Cache).Select(entry => (entry.Kind, entry.Name))));
            remove();
            Assert.Empty(CacheEntries.List(Cache));
            Assert.Equal("", await ReadAsync(Copy("apt")));
        }
    }

    [Fact]
    public async Task Disks_count_towards_the_limit_of_the_cache()
    {
        foreach (var name in new[] { "old", "new" })
        {
            var disk = Copy(name);
            await WriteAsync(disk, new string('x', 3 << 20));
            new CacheMountStore(Cache with { Limit = 5 << 20 }).Keep(name, disk);
        }

        Assert.Equal(["new-1"], CacheEntries.List(Cache).Select(entry => entry.Name));
    }

    [Theory]
    [InlineData("apt", true)]
    [InlineData("A.b-c_9", true)]
    [InlineData("", false)]
    [InlineData(".apt", false)]
    [InlineData("-apt", false)]
    [InlineData("a/b", false)]
    [InlineData("..", false)]
    [InlineData("ä", false)]
    [InlineData("a\n", false)]
    public void Names_are_plain_file_names(string name, bool isValid) => Assert.Equal(isValid, CacheMount.IsValidName(name));

    [Fact]
    public void A_name_has_64_characters_at_most() =>
        Assert.Equal((true, false), (CacheMount.IsValidName(new('a', 64)), CacheMount.IsValidName(new('a', 65))));

    private string Copy(string name, bool isAsStored = true)
    {
        var path = _directory[$"copy-{++_copies}"];
        Assert.Equal(isAsStored, Store.CopyTo(name, path, default));
        return path;
    }

    private async Task WriteAsync(string disk, string text)
    {
        await File.WriteAllTextAsync(_directory["text"], text);
        await Tool.BashAsync($"printf '%s\n' 'rm content/file' 'write {_directory["text"]} content/file' | debugfs -w -f - {disk} >/dev/null 2>&1");
    }

    private static async Task<string> ReadAsync(string disk) => await Tool.BashAsync($"debugfs -R 'cat content/file' {disk} 2>/dev/null");
}
