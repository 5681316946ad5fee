using System.Collections.Concurrent;
using OverlayImg.Caching;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Reuse;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Reuse;

/// <summary>The stored result of a run is restored unchanged, or not at all.</summary>
public sealed class ResultStoreTests : IDisposable
{
    private static readonly Digest Key = Digest.Of("key"u8);

    private readonly TemporaryDirectory _directory = new();
    private readonly Lifetime _lifetime = new();
    private readonly Heard _heard = new();

    private string Place => _directory["cache"];

    private Cache Cache => new(Place, long.MaxValue);

    private ResultStore Store => StoreWithin(Cache.Limit);

    public void Dispose()
    {
        _lifetime.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_result_is_restored_as_it_was_stored()
    {
        Assert.Null(Store.TryTake(Key));
        await KeepAsync(Key);
        using var stored = Store.TryTake(Key);
        Assert.NotNull(stored);
        Assert.Equal(Report().ToText(), stored.Report.ToText());
        stored.CopyLayer(_directory["layer.tar"], default);
        stored.CopyOut(_directory["out.tar"], default);
        await Tool.BashAsync("cmp layer layer.tar; cmp out out.tar", _directory.Path);
        Assert.Null(Store.TryTake(Digest.Of("other"u8)));
        Assert.Empty(_heard.Texts);
    }

    [Theory]
    [InlineData("truncate -s -512 layer.tar")]
    [InlineData("printf x | dd of=layer.tar bs=1 seek=700 conv=notrunc status=none; touch -d @1 layer.tar")]
    [InlineData("cp layer.tar x; mv x layer.tar")]
    [InlineData("rm layer.tar")]
    [InlineData("rm out.tar")]
    [InlineData("sed -i s/1/2/ report")]
    [InlineData("rm report")]
    [InlineData("rm record")]
    [InlineData("touch more")]
    public async Task An_altered_result_is_dropped_with_one_message(string change)
    {
        await KeepAsync(Key);
        await Tool.BashAsync(change, Path.Combine(Place, ResultStore.DirectoryName, Key.Hex));
        Assert.Null(Store.TryTake(Key));
        Assert.Contains("dropped", Assert.Single(_heard.Texts), StringComparison.Ordinal);
        Assert.Null(Store.TryTake(Key));
        await KeepAsync(Key);
        using (var stored = Store.TryTake(Key)) Assert.NotNull(stored);
        Assert.Single(_heard.Texts);
        Assert.Equal([Key.Hex], Directory.GetFileSystemEntries(Path.Combine(Place, ResultStore.DirectoryName)).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Concurrent_reads_and_writes_are_safe()
    {
        await WriteFilesAsync();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(index => Task.Run(() =>
        {
            if (index % 2 == 0) Keep(Key, Store);
            using var stored = Store.TryTake(Key);
            stored?.CopyLayer(_directory[$"copy-{index}"], default);
        })));
        await Tool.BashAsync("for copy in copy-*; do cmp layer $copy; done", _directory.Path);
        Assert.Empty(_heard.Texts);
        Assert.Equal([Key.Hex], Directory.GetFileSystemEntries(Path.Combine(Place, ResultStore.DirectoryName)).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_result_is_pruned_by_the_limit_of_the_cache_unless_it_is_in_use()
    {
        await KeepAsync(Key);
        var entry = Assert.Single(CacheEntries.List(Cache));
        Assert.Equal("result", entry.Kind);
        using (Store.TryTake(Key)) Assert.Empty(CacheEntries.Prune(Cache with { Limit = 0 }));
        await Task.Delay(20);
        Keep(Digest.Of("later"u8), StoreWithin(entry.Size * 3 / 2));
        Assert.Equal([Digest.Of("later"u8).Hex], CacheEntries.List(Cache).Select(kept => kept.Name));
        Assert.Single(CacheEntries.Prune(Cache with { Limit = 0 }));
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_gives_one_message()
    {
        await File.WriteAllTextAsync(Place, "");
        await KeepAsync(Key);
        Assert.Contains("could not be kept", Assert.Single(_heard.Texts), StringComparison.Ordinal);
        Assert.Null(Store.TryTake(Key));
    }

    private ResultStore StoreWithin(long limit) => new(new(_lifetime, () => Cache with { Limit = limit }, _heard, default));

    private async Task KeepAsync(Digest key)
    {
        await WriteFilesAsync();
        Keep(key, Store);
    }

    private Task<string> WriteFilesAsync() => Tool.BashAsync("seq 1000 > layer; seq 2000 > out", _directory.Path);

    private void Keep(Digest key, ResultStore store)
    {
        using var layer = ByteSource.Open(_directory["layer"]);
        using var outTar = ByteSource.Open(_directory["out"]);
        store.Keep(key, Report(), layer, outTar, default);
    }

    private static ResultReport Report() => new()
    {
        DiffId = Digest.Of("layer"u8),
        Checksum = "tarsum.v1+sha256:1",
        Size = 1,
        Entries = 2,
        Whiteouts = 3,
        Changes = new(4, 5, 6),
        Accelerator = "tcg",
        Warnings = ["one \"warning\"\n", "two"],
    };

    private sealed class Heard : IProgress<BuildEvent>
    {
        private readonly ConcurrentQueue<string> _texts = [];

        public IEnumerable<string> Texts => _texts;

        public void Report(BuildEvent value) => _texts.Enqueue(value.ToString());
    }
}
