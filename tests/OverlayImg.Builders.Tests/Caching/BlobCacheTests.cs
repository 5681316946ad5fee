using OverlayImg.Caching;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Remote;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Caching;

/// <summary>A cached blob is used as long as its bytes have its digest, even if its file was copied or touched.</summary>
public sealed class BlobCacheTests : IDisposable
{
    private static readonly byte[] Bytes = "the bytes of a blob"u8.ToArray();
    private readonly TemporaryDirectory _directory = new();
    private int _fetched;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("cp -r cache copy; rm -r cache; mv copy cache", 1)]
    [InlineData("cd cache/blobs/*-1; echo >> record", 1)]
    [InlineData("cd cache/blobs/*-1; rm record", 1)]
    [InlineData("cd cache/blobs/*-1; touch blob", 1)]
    [InlineData("cd cache/blobs/*-1; printf T | dd of=blob conv=notrunc status=none", 2)]
    [InlineData("cd cache/blobs/*-1; truncate -s 3 blob", 2)]
    [InlineData("cd cache/blobs/*-1; rm blob; mkfifo blob", 2)]
    [InlineData("cd cache/blobs/*-1; printf application/vnd.oci > media-type", 2)]
    [InlineData("rm -r cache/blobs/*-1/*", 2)]
    public async Task A_blob_is_fetched_again_only_if_its_bytes_differ(string change, int fetched)
    {
        await GetAsync();
        await Tool.BashAsync(change, _directory.Path);
        using (var found = await Cache.FindAsync(Digest.Of(Bytes), default)) Assert.Equal(fetched == 1, found is not null);
        await GetAsync();
        Assert.Equal(fetched, _fetched);
    }

    [Fact]
    public async Task Facts_about_blobs_do_not_evict_other_facts()
    {
        var memory = FileMemory.Of(Location, ["question"], "/bin/sh");
        memory.Remember("fact");
        var unpacked = new UnpackedBlobs(Location);
        var blobs = Enumerable.Range(0, 300).Select(number => Digest.Of(BitConverter.GetBytes(number))).ToArray();
        foreach (var blob in blobs) unpacked.Add(blob, Digest.Of(Bytes));
        Assert.Equal("fact", memory.Recall());
        Assert.All(blobs, blob => Assert.True(unpacked.Has(blob, Digest.Of(Bytes))));
        CacheEntries.Prune(Location with { Limit = 0 });
        Assert.False(unpacked.Has(blobs[0], Digest.Of(Bytes)));
        await Tool.BashAsync("test -z \"$(find cache -type f)\"", _directory.Path);
    }

    private Cache Location => new(_directory["cache"], long.MaxValue);

    private BlobCache Cache => new(Location);

    private async Task GetAsync()
    {
        using var blob = await Cache.GetAsync(Digest.Of(Bytes), handle =>
        {
            _fetched++;
            RandomAccess.Write(handle, Bytes, 0);
            return Task.CompletedTask;
        }, default);
        Assert.Equal(Bytes, blob.ReadAll());
    }
}
