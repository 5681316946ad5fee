using System.Security.Cryptography;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of <c>--cache-mount</c>: directories that scripts write and that the cache keeps between runs.</summary>
public sealed class CacheMountTests(InstalledTool tool) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Cache => _directory["cache"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_second_installation_of_a_package_downloads_nothing_and_makes_the_same_layer()
    {
        await tool.SeedCacheAsync(Cache);
        await Testing.Tool.BashAsync(
            """
            mkdir -p p/DEBIAN p/opt; echo Hello > p/opt/hello
            printf 'Package: hello-cache\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: says hello\n' \
              > p/DEBIAN/control
            dpkg-deb --root-owner-group -b p hello-cache_1_all.deb
            """, _directory.Path);
        var package = await File.ReadAllBytesAsync(_directory["hello-cache_1_all.deb"]);
        var index = $"{await File.ReadAllTextAsync(_directory["p/DEBIAN/control"])}Filename: ./hello-cache_1_all.deb\nSize: {package.Length}\n" +
            $"SHA256: {Convert.ToHexStringLower(SHA256.HashData(package))}\n";
        using var server = new FakeServer(exchange => exchange.Request.Path.Replace("/./", "/", StringComparison.Ordinal) switch
        {
            "/Packages" => exchange.AnswerAsync(200, index),
            "/hello-cache_1_all.deb" => exchange.AnswerAsync(200, package),
            _ => exchange.AnswerAsync(404),
        });
        foreach (var image in new[] { "first.tar", "second.tar" })
        {
            (await Testing.Tool.RunAsync(
                Path.Combine(ExamplesTests.Root(), "tools/examples/apt-install"), [InstalledTool.DebianBase, _directory[image], "hello-cache"],
                environment: new Dictionary<string, string?>
                {
                    // The guest reaches the host's loopback interface at 10.0.2.2.
                    ["SOURCES"] = $"deb [trusted=yes] http://10.0.2.2:{server.Port}/ ./",
                    ["PATH"] = $"{Path.GetDirectoryName(tool.Command)}:{Environment.GetEnvironmentVariable("PATH")}",
                    ["OVERLAYIMG_CACHE_DIR"] = Cache,
                    ["OVERLAYIMG_GUEST_IMAGE"] = null,
                })).Succeeded();
        }

        Assert.Equal(["GET /./hello-cache_1_all.deb"], server.Lines.Where(line => line.EndsWith(".deb", StringComparison.Ordinal)));
        await Testing.Tool.BashAsync(
            $"""
            cmp first.tar second.tar
            {tool.Command} export -q first.tar -o root.tar --cache-dir {Cache}
            tar -xOf root.tar ./opt/hello | grep -qx Hello
            ! tar -tf root.tar | grep 'archives/.*deb'
            """, _directory.Path);
        Assert.Contains("mount ", (await tool.RunAsync(["cache", "ls", "--cache-dir", Cache])).StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_killed_or_takes_too_long_leaves_the_cache_as_it_was()
    {
        await tool.SeedCacheAsync(Cache);
        (await RunAsync("layer", "echo kept > /c/file", "name:/c")).Succeeded();
        await using (var killed = Start("while :; do echo more >> /c/file; echo script-runs; done", "name:/c"))
        {
            await killed.LineAsync(line => line == "script-runs", TestContext.Current.CancellationToken);
            await killed.SignalAsync("KILL");
            await killed.Ended;
        }

        Assert.Equal(6, (await RunAsync("layer", "echo more >> /c/file; sleep 1000", "name:/c", "--timeout", "5s")).ExitCode);
        Assert.Equal(5, (await RunAsync("layer", "cat /c/file; echo failed >> /c/file; exit 1", "name:/c")).ExitCode);
        var run = await RunAsync("layer", "cat /c/file > /result", "name:/c");
        run.Succeeded();
        Assert.DoesNotContain("warning", run.StandardError, StringComparison.Ordinal);
        Assert.Equal("kept\nfailed\n", await Testing.Tool.BashAsync("tar -xOf layer/layer.tar ./result", _directory.Path));
    }

    [Fact]
    public async Task The_cache_disk_is_dropped_after_a_guest_crash_and_kept_after_a_refused_job()
    {
        await tool.SeedCacheAsync(Cache);
        await File.WriteAllTextAsync(_directory["die"], "echo c > /proc/sysrq-trigger", TestContext.Current.CancellationToken);
        string[] hook = ["run", "--post-mount", _directory["die"], "-o", _directory["hook"], "--cache-dir", Cache];
        (await RunAsync("layer", "echo kept > /c/file", "name:/c")).Succeeded();
        Assert.Equal(4, (await tool.RunAsync([.. hook, "--cache-mount", "name:/disk/layer"])).ExitCode);
        (await RunAsync("layer", "cat /c/file", "name:/c")).Succeeded();
        var died = await tool.RunAsync([.. hook, "--cache-mount", "name:/c"]);
        Assert.Equal(4, died.ExitCode);
        Assert.Contains("The cache mount name is dropped, because the guest failed with it", died.StandardError, StringComparison.Ordinal);
        (await RunAsync("layer", "ls -A /c | wc -l > /result; test ! -e /c/file", "name:/c")).Succeeded();
    }

    [Fact]
    public async Task A_concurrent_run_gets_a_copy_of_the_cache_mount_that_is_discarded()
    {
        await tool.SeedCacheAsync(Cache);
        (await RunAsync("layer", "echo before > /c/file", "name:/c")).Succeeded();
        // A held lock stands for a long run that uses the cache mount.
        using (File.Open(Path.Combine(Cache, "cache-mounts/name-1.lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            var second = await RunAsync("second", "cat /c/file > /result; echo second >> /c/file", "name:/c");
            second.Succeeded();
            Assert.Contains("Another run uses the cache mount name", second.StandardError, StringComparison.Ordinal);
        }

        (await RunAsync("third", "cat /c/file > /result", "name:/c")).Succeeded();
        const string read = "for run in second third; do tar -xOf $run/layer.tar ./result; done";
        Assert.Equal("before\nbefore\n", await Testing.Tool.BashAsync(read, _directory.Path));
    }

    [Fact]
    public async Task Every_verb_with_a_guest_script_has_cache_mounts_and_reuse_ignores_their_content()
    {
        await tool.SeedCacheAsync(Cache);
        Directory.CreateDirectory(_directory["contents"]);
        await File.WriteAllTextAsync(_directory["s"], "echo line >> /c/file; wc -l < /c/file");
        string[] common = ["--cache-mount", "name:/c", "--cache-dir", Cache];
        (string Count, string[] Arguments)[] runs =
        [
            ("1", ["run", "--post-mount", "s", "-o", "layer"]),
            ("2", ["build", "--run-as-root", "s", "--name", "n", "--tag", "1", "-o", "image.tar"]),
            ("3", ["build-layered", "--contents", "contents", "--fake-root-commands", "s", "--name", "n", "--tag", "1", "-o", "image.tar"]),
            ("4", ["root-layer", "--run-as-root", "s", "--reuse", "-o", "layer"]),
            ("", ["root-layer", "--run-as-root", "s", "--reuse", "-o", "layer"]),
        ];
        foreach (var (count, arguments) in runs)
        {
            var run = (await tool.RunAsync([.. arguments, .. common], directory: _directory.Path)).Succeeded();
            Assert.Equal(count, string.Concat(run.StandardError.Split('\n').Where(line => line.Length == 1)));
        }
    }

    private Task<ToolResult> RunAsync(string layer, string script, string mount, params string[] more) =>
        tool.RootLayerAsync(_directory[layer], script, ["--cache-mount", mount, "--cache-dir", Cache, .. more]);

    private RunningTool Start(string script, string mount)
    {
        File.WriteAllText(_directory["script"], script);
        return RunningTool.Start(
            tool.Command,
            ["root-layer", "--run-as-root", _directory["script"], "-o", _directory["first"], "--cache-mount", mount, "--cache-dir", Cache],
            environment: new Dictionary<string, string?> { ["OVERLAYIMG_GUEST_IMAGE"] = null });
    }
}
