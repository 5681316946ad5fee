using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Guests;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Reuse;

/// <summary>The guest gets the inputs that were hashed.</summary>
public sealed class RunInputsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Lifetime _lifetime = new();

    public void Dispose()
    {
        _lifetime.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_base_image_that_is_replaced_before_it_is_opened_is_refused()
    {
        var known = await KnownAsync("one");
        Assert.Equal(known.ToText(), KnownImage.Parse(known.ToText())?.ToText());
        Assert.Equal(known.DiffIds, KnownImage.Parse(known.ToText())?.DiffIds);
        var same = Inputs();
        same.ExpectBase(known);
        Assert.NotNull(await same.OpenBaseAsync(default));

        await KnownAsync("two");
        var other = Inputs();
        other.ExpectBase(known);
        var refusal = await Assert.ThrowsAsync<InputException>(() => other.OpenBaseAsync(default));
        Assert.Contains("replaced", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_for_another_architecture_is_refused_without_being_opened()
    {
        var known = await KnownAsync("one") with { Architecture = "s390x" };
        var inputs = Inputs();
        Assert.Contains("s390x", Assert.Throws<InputException>(() => inputs.ExpectBase(known)).Message, StringComparison.Ordinal);
    }

    private async Task<KnownImage> KnownAsync(string content)
    {
        await Tool.BashAsync($"mkdir -p contents; echo {content} > contents/file", _directory.Path);
        await TestSession.RunAsync(_directory["cache"], session => ImageBuild.RunAsync(new()
        {
            Output = new ArchiveOutput(new(_directory["base.tar"], CompressionFormat.None), ArchiveFormat.Hybrid),
            Name = "base",
            Tag = "1",
            Contents = new([_directory["contents"]], false, "/nix/store"),
        }, session));
        var inputs = Inputs();
        return KnownImage.Of((await inputs.OpenBaseAsync(default))!);
    }

    private RunInputs Inputs() => new(
        new() { From = new(new PathLocation(_directory["base.tar"]), null, null), Scripts = new() }, TestSession.Of(_lifetime, _directory["cache"]));
}
