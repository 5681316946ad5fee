using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests that the same inputs give the same bytes in every environment.</summary>
public sealed class LayerBytesTests(InstalledTool tool)
{
    private const string Script = """
        useradd --create-home someone; rm -r /usr/share/perl5; mkdir -p /many; for n in $(seq 300 -1 1); do echo $n > /many/$n; done
        ln /many/1 /many/one; setfattr -n user.b -v 2 /many/2; setfattr -n user.a -v 1 /many/2; chmod 4711 /many/3; truncate -s 10M /many/hole
        """;

    [Fact]
    public async Task A_second_run_with_another_time_zone_locale_umask_core_count_and_directory_gives_the_same_layer()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["script"], Script);
        foreach (var cache in new[] { "cache", "other-cache" }) await tool.SeedCacheAsync(directory[cache]);
        string[] arguments = ["root-layer", "--from", InstalledTool.DebianBase, "--run-as-root", directory["script"]];
        var first = await tool.RunAsync([.. arguments, "-o", directory["first"], "--cache-dir", directory["cache"]]);
        Assert.True(first.ExitCode == 0, first.StandardError);

        var second = await tool.RunAsync([.. arguments, "-o", directory["second"], "--cache-dir", directory["cache"]]);
        Assert.True(second.ExitCode == 0, second.StandardError);

        Directory.CreateDirectory(directory["elsewhere"]);
        var quoted = string.Join(' ', arguments.Select(argument => $"'{argument}'"));
        await Testing.Tool.BashAsync(
            "umask 077; unset OVERLAYIMG_GUEST_IMAGE; export TZ=Asia/Kathmandu LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 DOTNET_PROCESSOR_COUNT=1 " +
            $"HOME={directory["elsewhere"]}; " +
            $"cd {directory["elsewhere"]}; " +
            $"taskset -c 0 {tool.Command} {quoted} -o third --cpus 2 --memory 700M --cache-dir {directory["other-cache"]}");

        foreach (var member in new[] { "layer.tar", "json", "VERSION" })
        {
            var bytes = await File.ReadAllBytesAsync(directory[$"first/{member}"], TestContext.Current.CancellationToken);
            Assert.Equal(bytes, await File.ReadAllBytesAsync(directory[$"second/{member}"], TestContext.Current.CancellationToken));
            Assert.Equal(bytes, await File.ReadAllBytesAsync(directory[$"elsewhere/third/{member}"], TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task SOURCE_DATE_EPOCH_is_the_time_of_every_entry()
    {
        using var directory = new TemporaryDirectory();
        using var script = new MemoryStream("mkdir a; touch a/b; ln -s b a/c; touch -d 2001-01-01 a/d"u8.ToArray());
        var run = await tool.RunAsync(["root-layer", "--run-as-root", "-", "-o", directory["layer"]], script,
            environment: new Dictionary<string, string?> { ["SOURCE_DATE_EPOCH"] = "86400" });
        Assert.True(run.ExitCode == 0, run.StandardError);
        var times = await Testing.Tool.BashAsync($"TZ=UTC tar --full-time -tvf {directory["layer/layer.tar"]} | awk '{{print $4, $5}}' | sort -u");
        Assert.Equal("1970-01-02 00:00:00\n", times);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("-1")]
    [InlineData("999999999999999999")]
    public async Task An_invalid_SOURCE_DATE_EPOCH_is_wrong_usage(string value)
    {
        using var directory = new TemporaryDirectory();
        using var script = new MemoryStream("true"u8.ToArray());
        var run = await tool.RunAsync(["root-layer", "--run-as-root", "-", "-o", directory["layer"]], script,
            environment: new Dictionary<string, string?> { ["SOURCE_DATE_EPOCH"] = value });
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("SOURCE_DATE_EPOCH", run.StandardError, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory["layer"]));
    }
}
