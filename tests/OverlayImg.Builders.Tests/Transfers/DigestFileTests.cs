using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Transfers;

/// <summary>The file to which a copy writes the digest of the image.</summary>
public sealed class DigestFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_file_holds_the_digest_alone()
    {
        var result = await CopyAsync(NullProgress<BuildEvent>.Instance);
        Assert.Equal(result.Digest.ToString(), await File.ReadAllTextAsync(_directory["digest"]));
    }

    [Fact]
    public async Task A_failed_write_is_an_error_of_the_machine_that_names_the_digest()
    {
        var digest = (await CopyAsync(NullProgress<BuildEvent>.Instance)).Digest;
        var error = await Assert.ThrowsAsync<MachineException>(() => CopyAsync(new Progress(TakeAway)));
        Assert.StartsWith(
            $"The image is copied, with the digest {digest}, but the file for the digest is not written: ", error.Message, StringComparison.Ordinal);

        // Another program can remove the directory, or the file system can vanish.
        void TakeAway()
        {
            foreach (var scratch in Directory.GetDirectories(_directory.Path, ".digest.overlayimg-*")) Directory.Delete(scratch, recursive: true);
        }
    }

    private async Task<ImageCopyResult> CopyAsync(IProgress<BuildEvent> progress)
    {
        Directory.CreateDirectory(_directory["contents"]);
        await TestSession.RunAsync(_directory["cache"], session => ImageBuild.RunAsync(new()
        {
            Output = new ArchiveOutput(new(_directory["image.tar"], CompressionFormat.None), ArchiveFormat.Hybrid),
            Name = "image",
            Tag = "1",
            Contents = new([_directory["contents"]], false, "/nix/store"),
        }, session));
        return await TestSession.RunAsync(_directory["cache"], session => ImageCopy.RunAsync(new()
        {
            Source = ImageChoice.Parse(_directory["image.tar"], null, null),
            Target = ImageOutput.Parse($"oci:{_directory["layout"]}:1"),
            DigestFile = _directory["digest"],
            Access = new(),
        }, session), progress);
    }

    private sealed class Progress(Action act) : IProgress<BuildEvent>
    {
        public void Report(BuildEvent value) => act();
    }
}
