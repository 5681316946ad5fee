using System.Text;
using OverlayImg.Sandbox.Snapshots;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Snapshots;

public sealed class SnapshotTests : IDisposable
{
    private const int Size = 3_000_001;
    private readonly TemporaryDirectory _directory = new();
    private readonly Snapshot _snapshot;

    public SnapshotTests() => _snapshot = new(_directory.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_new_snapshot_matches_its_digest()
    {
        await WriteAsync();
        Assert.True(await _snapshot.MatchesDigestAsync(Token));
    }

    [Fact]
    public async Task Holes_and_zeros_have_the_same_digest()
    {
        await WriteAsync();
        foreach (var sparse in new[] { "never", "always" })
        {
            await Tool.BashAsync($"cp --sparse={sparse} memory copy; mv copy memory", _directory.Path);
            Assert.True(await _snapshot.MatchesDigestAsync(Token));
        }
    }

    [Theory]
    [InlineData("printf x | dd of=memory bs=1 seek=1000000 conv=notrunc")]
    [InlineData("printf x | dd of=memory bs=1 seek=3000000 conv=notrunc")]
    [InlineData("printf '\\0' | dd of=memory bs=1 seek=500000 conv=notrunc")]
    [InlineData("dd if=/dev/zero of=memory bs=1 seek=2000000 count=4 conv=notrunc; printf last | dd of=memory bs=1 seek=2262144 conv=notrunc")]
    [InlineData("truncate -s -1 memory")]
    [InlineData("truncate -s +1 memory")]
    [InlineData("truncate -s 0 memory")]
    [InlineData("rm memory")]
    [InlineData("printf x >> state")]
    [InlineData("truncate -s -1 state")]
    [InlineData("rm state")]
    [InlineData("truncate -s 0 sha256")]
    [InlineData("rm sha256")]
    public async Task A_changed_snapshot_does_not_match_its_digest(string damage)
    {
        await WriteAsync();
        await Tool.BashAsync(damage, _directory.Path);
        Assert.False(await _snapshot.MatchesDigestAsync(Token));
    }

    [Fact]
    public async Task A_snapshot_is_read_again_only_if_a_file_has_changed()
    {
        await WriteAsync();
        await Tool.BashAsync("sleep 3.5", _directory.Path);
        Assert.True(await _snapshot.MatchesDigestAsync(Token));
        // With a wrong digest, the result shows whether the files were read.
        await Tool.BashAsync("echo wrong > sha256", _directory.Path);
        Assert.True(await _snapshot.MatchesDigestAsync(Token));
        await Tool.BashAsync(
            "touch --reference=memory time; printf e | dd of=memory bs=1 seek=2000000 conv=notrunc; touch --reference=time memory", _directory.Path);
        Assert.False(await _snapshot.MatchesDigestAsync(Token));
    }

    // The memory has a hole at its beginning, data in two places, and at its end a hole that is shorter than a piece of the digest.
    private async Task WriteAsync()
    {
        using (var memory = File.OpenHandle(_snapshot.MemoryPath, FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(memory, "early"u8, 500_000);
            RandomAccess.Write(memory, "last"u8, 2_000_000);
            RandomAccess.SetLength(memory, Size);
        }

        using var state = new MemoryStream(Encoding.ASCII.GetBytes("the state of the devices"));
        await _snapshot.WriteStateAsync(state, Token);
        await _snapshot.SealAsync();
        Assert.True(_snapshot.IsComplete);
    }
}
