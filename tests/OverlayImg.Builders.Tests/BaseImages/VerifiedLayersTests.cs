using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.BaseImages;

/// <summary>Layers are hashed once per file, and again when the file may have changed.</summary>
public sealed class VerifiedLayersTests : IDisposable
{
    private const string Content = "what a layer holds";

    private readonly TemporaryDirectory _directory = new();
    private readonly StoppedClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Layers_are_hashed_again_only_after_a_change_of_the_archive_or_the_layout()
    {
        await Tool.BashAsync($"mkdir contents; echo {Content} > contents/file", _directory.Path);
        await BuildAsync(new ArchiveOutput(new(_directory["base.tar"], CompressionFormat.None), ArchiveFormat.Hybrid));
        await BuildAsync(new LayoutOutput(_directory["layout"]));
        await Tool.BashAsync($"cp base.tar broken.tar; {Alter("broken.tar")}", _directory.Path);
        // Nothing is remembered about files that were written just now: a later write could leave the same time.
        Assert.True(await VerifyAsync("base.tar") > 0);
        Assert.True(await VerifyAsync("base.tar") > 0);
        _clock.Now += TimeSpan.FromHours(1);

        Assert.True(await VerifyAsync("base.tar") > 0);
        Assert.Equal(0, await VerifyAsync("base.tar"));
        Assert.True(await VerifyAsync("layout") > 0);
        Assert.Equal(0, await VerifyAsync("layout"));
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var refusal = await Assert.ThrowsAsync<InputException>(() => VerifyAsync("broken.tar"));
            Assert.Contains("diff ID", refusal.Message, StringComparison.Ordinal);
        }

        // The archive is altered in place and keeps its size and its modification time.
        await Tool.BashAsync($"touch -r base.tar time; {Alter("base.tar")}; touch -r time base.tar", _directory.Path);
        await Assert.ThrowsAsync<InputException>(() => VerifyAsync("base.tar"));
        await Tool.BashAsync(
            $"blob=$(grep -la '{Content}' layout/blobs/sha256/*); touch -r $blob time; {Alter("$blob")}; touch -r time $blob", _directory.Path);
        await Assert.ThrowsAsync<InputException>(() => VerifyAsync("layout"));
    }

    private static string Alter(string archive) =>
        $"offset=$(grep -abo -m 1 '{Content}' {archive} | cut -d: -f1); printf W | dd of={archive} bs=1 seek=$offset conv=notrunc status=none";

    // Returns the number of bytes that had to be hashed.
    private async Task<long> VerifyAsync(string archive)
    {
        using var lifetime = new Lifetime();
        var session = TestSession.Of(lifetime, _directory["cache"]) with { Time = _clock };
        var choice = new ImageChoice(new PathLocation(_directory[archive]), null, null);
        var chosen = await ChosenImage.OpenAsync(choice, session);
        var image = await BaseImage.ReadAsync(chosen, session);
        await image.VerifyAsync(null, default);
        return image.LengthToVerify;
    }

    private async Task BuildAsync(ImageOutput output)
    {
        await TestSession.RunAsync(_directory["cache"], session => ImageBuild.RunAsync(new()
        {
            Output = output,
            Name = "base",
            Tag = "1",
            Contents = new([_directory["contents"]], false, "/nix/store"),
        }, session));
    }
}
