using System.Text;
using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Builders.NewImages;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.BaseImages;

/// <summary>
/// A base image that changes while a script runs. The base image is read again when the new image is written, and a mix of both states must be
/// refused.
/// </summary>
public sealed class ChangedInputTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("base.tar", "base.tar", "out.tar", "was changed while it was read")]
    // The layout writer compares every blob with its digest before the change of the file is checked.
    [InlineData("base.tar", "base.tar", "oci:out", "has the digest sha256:")]
    [InlineData("rootfs:root.tar", "root.tar", "out.tar", "was changed while it was read")]
    [InlineData("oci:layout:1", "layout/blobs/sha256/$(ls -S layout/blobs/sha256 | head -n 1)", "out.tar", "was changed while it was read")]
    public async Task A_changed_base_image_is_refused_and_nothing_is_written(string from, string changed, string output, string said)
    {
        await MakeBasesAsync();
        // The extra commands run between the reading of the base image and the writing of the new image.
        var script = $"cd '{_directory.Path}'; printf W | dd of={changed} bs=1 seek=5000 conv=notrunc status=none; touch -d '+1 hour' {changed}\n";
        var refusal = await Assert.ThrowsAsync<InputException>(() => BuildAsync(from, output, script));
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(_directory["out.tar"]) || Path.Exists(_directory["out"]));
        await BuildAsync(from == "base.tar" ? "other.tar" : "base.tar", output, "true\n");
    }

    private async Task MakeBasesAsync()
    {
        await Tool.BashAsync(
            "mkdir contents root root/etc; head -c 20000 /dev/urandom > contents/file; cp contents/file root/etc; tar -C root -cf root.tar .",
            _directory.Path);
        foreach (var output in new[] { "base.tar", "other.tar", "oci:layout:1" }) await BuildAsync(null, output, "true\n");
    }

    private Task<ImageBuildResult> BuildAsync(string? from, string output, string script) => TestSession.RunAsync(
        _directory["cache"],
        session => ImageBuild.RunAsync(new()
        {
            Output = output.StartsWith("oci:", StringComparison.Ordinal)
                ? new LayoutOutput(_directory[output.Split(':')[1]]) { RefName = "1" }
                : new ArchiveOutput(TarDestination.Parse(_directory[output]), ArchiveFormat.Hybrid),
            Name = "built",
            Tag = "1",
            From = from is null ? null : ImageChoice.Parse(from.Contains(':', StringComparison.Ordinal)
                ? from.Replace(":", $":{_directory.Path}/", StringComparison.Ordinal).Replace($":{_directory.Path}/1", ":1", StringComparison.Ordinal)
                : _directory[from], null, null),
            Contents = new([_directory["contents"]], false, "/nix/store"),
            ExtraCommands = new("script", Encoding.UTF8.GetBytes(script)),
        }, session));
}
