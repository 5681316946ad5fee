using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests;

/// <summary>
/// Tests of a file larger than 2 GiB and a sparse file, which Scripts/large-files.sh makes. Their layer has no other files.
/// umoci, docker and podman read smaller layers of guests in <see cref="TortureTests"/>; they would need a minute for gigabytes.
/// </summary>
public sealed class LargeFilesTests(InstalledTool tool)
{
    private const string Large = "{ printf head; head -c $((2048 * 1024 * 1024 - 4)) /dev/zero; printf tail; }";
    private const string Sparse =
        "{ head -c 123456789 /dev/zero; printf middle; head -c $((256 * 1024 * 1024 - 123456789 - 6 - 3)) /dev/zero; printf end; }";

    [Fact]
    public async Task Gnu_tar_reads_large_files_completely()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RunAsync(["root-layer", "--run-as-root", HardImage.Script("large-files.sh"), "-o", directory["layer"]]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Equal("", await Testing.Tool.BashAsync(
            $"{Large} | cmp - <(tar -xOf layer/layer.tar ./t/large); {Sparse} | cmp - <(tar -xOf layer/layer.tar ./t/sparse)", directory.Path));
    }
}
