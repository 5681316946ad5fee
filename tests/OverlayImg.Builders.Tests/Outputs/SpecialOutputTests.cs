using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Builders.NewImages;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Layers.Ready;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Outputs;

/// <summary>Output to a device or a pipe writes to it. Replacing the path by a file would destroy <c>/dev/null</c>.</summary>
public sealed class SpecialOutputTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_device_is_not_replaced()
    {
        await Tool.BashAsync("mknod null c 1 3; ln -s null link", _directory.Path);
        foreach (var name in (string[])["null", "link"])
        {
            await BuildAsync(name);
            Assert.Equal(
                "character special file 1:3 symbolic link",
                await Tool.BashAsync("echo -n $(stat -c '%F %t:%T' null) $(stat -c %F link)", _directory.Path));
        }

        Assert.Equal(["link", "null"], Names());
    }

    [Fact]
    public async Task A_pipe_gets_the_bytes_that_a_file_would_get()
    {
        await BuildAsync("image.tar");
        await Tool.BashAsync("mkfifo pipe", _directory.Path);
        var reading = Tool.BashAsync("cat pipe > copy.tar; cmp copy.tar image.tar", _directory.Path);
        await BuildAsync("pipe");
        await reading;
        Assert.Equal("fifo\n", await Tool.BashAsync("stat -c %F pipe", _directory.Path));
    }

    [Fact]
    public async Task An_image_is_exported_to_a_pipe_as_to_a_file()
    {
        await BuildAsync("image.tar");
        await ExportAsync("disk.ext4");
        await Tool.BashAsync("mkfifo pipe.ext4", _directory.Path);
        var reading = Tool.BashAsync("cat pipe.ext4 > copy.ext4; cmp copy.ext4 disk.ext4", _directory.Path);
        await ExportAsync("pipe.ext4");
        await reading;
    }

    [Fact]
    public async Task Open_files_of_a_process_are_special_and_other_files_are_not()
    {
        await Tool.BashAsync("mkfifo pipe; touch file; ln -s file link", _directory.Path);
        var refusal = Assert.Throws<InputException>(() => OutputFile.Prepare(_directory["pipe"]));
        Assert.Contains("is not a regular file", refusal.Message, StringComparison.Ordinal);
        using var open = File.OpenHandle(_directory["file"]);
        Assert.True(OutputPlace.IsSpecial($"/proc/self/fd/{open.DangerousGetHandle()}"));
        Assert.True(OutputPlace.IsSpecial("/dev/null"));
        var shared = $"/dev/shm/{Path.GetFileName(_directory.Path)}";
        await File.WriteAllTextAsync(shared, "");
        Assert.All(
            ["/dev/shm", shared, _directory["file"], _directory["link"], _directory["missing"]],
            path => Assert.False(OutputPlace.IsSpecial(path), path));
        File.Delete(shared);
    }

    private string[] Names() =>
    [
        .. Directory.EnumerateFileSystemEntries(_directory.Path).Select(Path.GetFileName).OfType<string>()
            .Where(name => name != "cache").Order(),
    ];

    private Task<ImageBuildResult> BuildAsync(string output) => TestSession.RunAsync(
        _directory["cache"], session => ImageBuild.RunAsync(new()
        {
            Output = new ArchiveOutput(TarDestination.Parse(_directory[output]), ArchiveFormat.Hybrid),
            Name = "special",
            Tag = "1",
            Ready = ReadyContents.FakeNss,
        }, session));

    private Task<ExportResult> ExportAsync(string output) => TestSession.RunAsync(
        _directory["cache"], session => Exporter.RunAsync(new()
        {
            From = new(new PathLocation(_directory["image.tar"]), null, null),
            Destination = TarDestination.OfAny(_directory[output], CompressionFormat.None, out _),
            Format = ExportFormat.Ext4,
        }, session));
}
