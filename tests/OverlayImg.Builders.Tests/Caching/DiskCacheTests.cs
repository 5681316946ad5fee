using OverlayImg.Caching;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Layers.Guests;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Caching;

public sealed class DiskCacheTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private int _written;

    private string Place => _directory["cache"];

    private Cache Location => new(Place, long.MaxValue);

    private DiskCache Cache => new(Location);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_disk_is_written_once_and_then_reused()
    {
        for (var run = 0; run < 3; run++)
        {
            using var disk = await Cache.GetAsync("a", WriteAsync, default);
            Assert.Equal(0, (await Tool.RunAsync("e2fsck", ["-fn", disk.Path])).ExitCode);
        }

        Assert.Equal(1, _written);
        using var other = await Cache.GetAsync("b", WriteAsync, default);
        Assert.Equal(2, _written);
    }

    [Theory]
    [InlineData("truncate -s -4096 DISK")]
    [InlineData("truncate -s 0 DISK")]
    [InlineData("printf x | dd of=DISK bs=1 seek=70000 conv=notrunc status=none")]
    [InlineData("printf x | dd of=DISK bs=1 seek=70000 conv=notrunc status=none; touch -d @1 DISK")]
    [InlineData("cp DISK other; mv other DISK")]
    [InlineData("rm DISK")]
    [InlineData("rm DISK; mkdir DISK")]
    [InlineData("rm RECORD")]
    [InlineData("echo >> RECORD")]
    [InlineData("rm -r ENTRY; touch ENTRY; rm ENTRY; mkdir ENTRY")]
    [InlineData("rm DISK; mkfifo DISK")]
    [InlineData("rm RECORD; mkfifo RECORD")]
    [InlineData("rm RECORD; mkdir RECORD")]
    [InlineData("rm -r ENTRY; touch ENTRY")]
    [InlineData("rm -r ENTRY; mkfifo ENTRY")]
    [InlineData("rm -r ENTRY; ln -s nowhere ENTRY")]
    [InlineData("rm -r ENTRY; cd \"$(dirname ENTRY)\"; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"a-1\")'")]
    [InlineData("rm RECORD; rm ENTRY.lock; mkdir ENTRY.lock")]
    [InlineData("rm RECORD; rm ENTRY.lock; mkfifo ENTRY.lock")]
    [InlineData("rm RECORD; rm ENTRY.lock; cd \"$(dirname ENTRY)\"; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"a-1.lock\")'")]
    public async Task An_altered_disk_is_written_anew(string change)
    {
        string path;
        using (var disk = await Cache.GetAsync("a", WriteAsync, default)) path = disk.Path;
        var entry = Path.GetDirectoryName(path)!;
        await Tool.BashAsync(change.Replace("DISK", path).Replace("RECORD", Path.Combine(entry, "record")).Replace("ENTRY", entry), _directory.Path);
        using (var disk = await Cache.GetAsync("a", WriteAsync, default))
            Assert.Equal(0, (await Tool.RunAsync("e2fsck", ["-fn", disk.Path])).ExitCode);
        Assert.Equal(2, _written);
        Assert.Equal(["a-1", "a-1.lock"], Entries());
    }

    [Fact]
    public async Task Concurrent_requests_write_a_disk_once()
    {
        var disks = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Cache.GetAsync("a", WriteAsync, default))));
        Assert.Equal(1, _written);
        Assert.Single(disks.Select(disk => disk.Path).Distinct());
        foreach (var disk in disks) disk.Dispose();
    }

    [Fact]
    public async Task A_failed_write_leaves_nothing_and_does_not_block_the_next_write()
    {
        await Assert.ThrowsAsync<InputException>(() => Cache.GetAsync("a", async path =>
        {
            await WriteAsync(path);
            throw new InputException("is not the layer that it says");
        }, default));
        Assert.Equal(["a-1.lock"], Entries());
        using var disk = await Cache.GetAsync("a", WriteAsync, default);
        Assert.Equal(2, _written);
    }

    [Fact]
    public async Task Least_recently_used_disks_are_pruned_first_and_disks_in_use_stay()
    {
        foreach (var key in new[] { "old", "used", "new", "kept" })
        {
            using (await Cache.GetAsync(key, WriteAsync, default)) await Task.Delay(20);
        }

        using var held = await Cache.GetAsync("old", WriteAsync, default);
        await Task.Delay(20);
        using (await Cache.GetAsync("kept", WriteAsync, default)) Assert.Equal(4, _written);
        var entries = CacheEntries.List(Location);
        Assert.Equal(["kept-1", "old-1", "new-1", "used-1"], entries.Select(entry => entry.Name));

        var size = entries[0].Size;
        Assert.Equal(["used-1"], CacheEntries.Prune(Location with { Limit = 3 * size }).Select(entry => entry.Name));
        Assert.Equal(["new-1", "kept-1"], CacheEntries.Prune(Location with { Limit = 0 }).Select(entry => entry.Name));
        Assert.Equal(["old-1"], CacheEntries.List(Location).Select(entry => entry.Name));
        Assert.True(File.Exists(held.Path));
    }

    [Fact]
    public async Task A_new_disk_makes_room_for_itself()
    {
        using (await Cache.GetAsync("a", WriteAsync, default)) await Task.Delay(20);
        var limit = CacheEntries.List(Location)[0].Size * 3 / 2;
        using (await new DiskCache(Location with { Limit = limit }).GetAsync("b", WriteAsync, default))
            Assert.Equal(["b-1"], CacheEntries.List(Location).Select(entry => entry.Name));
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_reported_with_advice()
    {
        await File.WriteAllTextAsync(Place, "");
        var exception = await Assert.ThrowsAsync<UnusableDirectoryException>(() => Cache.GetAsync("a", WriteAsync, default));
        Assert.Contains($" can't be kept in {Path.Combine(Place, DiskCache.DirectoryName)}: ", exception.Message, StringComparison.Ordinal);
        Assert.Equal([CacheSetting.Directory], exception.Advice!.Settings);
    }

    private string[] Entries() =>
    [
        .. Directory.GetFileSystemEntries(Path.Combine(Place, DiskCache.DirectoryName))
            .Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal),
    ];

    private async Task WriteAsync(string path)
    {
        Interlocked.Increment(ref _written);
        await Task.Delay(50);
        var tree = new FileTree();
        tree.Root.Set(new("file"u8), new RegularFileNode(Metadata.DefaultFile, new MemoryContent(new byte[100_000])));
        Ext4Writer.Write(tree, path, new() { ReadOnly = true }, default);
    }
}
