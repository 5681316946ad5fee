using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of failed and interrupted runs: one sentence, the right exit code, one JSON object, no stack trace, no files left.</summary>
public sealed class EndingTests(InstalledTool tool) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private Dictionary<string, string?> Environment =>
        new() { ["HOME"] = _directory.Path, ["OVERLAYIMG_CACHE_DIR"] = _directory["cache"], ["T"] = tool.Command };

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("layer --contents d -o o/l")]
    [InlineData("build --contents d --name a --tag 1 -o o/a.tar")]
    [InlineData("build --contents d --name a --tag 1 -o o/a.tar.zst")]
    [InlineData("build --contents d --name a --tag 1 -o oci:o/a")]
    [InlineData("build-layered --contents d --name a --tag 1 -o o/a.tar.gz")]
    [InlineData("merge d -o o/m.tar")]
    [InlineData("merge d -o o/m/")]
    [InlineData("export a.tar -o o/e.tar")]
    [InlineData("export a.tar -o o/e.ext4")]
    [InlineData("copy a.tar oci:o/c")]
    [InlineData("copy a.tar o/c.tar")]
    [InlineData("merge-images a.tar -o o/m.tar")]
    [InlineData("layer --contents d -o l --cache-dir o/cache --extra-commands x")]
    [InlineData("inspect a.tar.gz --cache-dir o/cache")]
    public async Task A_full_disk_ends_with_exit_code_4(string arguments)
    {
        var run = await BashAsync($"""
            mkdir o d; head -c 3000000 /dev/urandom > d/big; echo 'cp big more' > x
            "$T" build --contents d --name a --tag 1 -o a.tar -q; gzip -k a.tar
            mount -t tmpfs -o size=1m tmpfs o
            code=0; "$T" {arguments} -q --json > json || code=$?
            ls -A o | grep -v '^cache$' >&2 || true
            exit $code
            """, "unshare", "--mount");
        Assert.Equal(4, run.ExitCode);
        AssertOneSentence(run.StandardError);
        // Before unpacking, the tool compares the needed space with the free space, so the disk may not become full.
        Assert.Matches("No space left on device|only [01] MiB are free", run.StandardError);
        AssertErrorJson(await File.ReadAllTextAsync(_directory["json"], TestContext.Current.CancellationToken), 4);
    }

    [Theory]
    [InlineData("layer --contents d -o l")]
    [InlineData("merge d -o m.tar")]
    [InlineData("build --contents d --name a --tag 1 -o oci:a")]
    public async Task A_file_size_limit_ends_with_an_error_and_not_with_a_signal(string arguments)
    {
        var run = await BashAsync($"mkdir d; head -c 3000000 /dev/urandom > d/big; ulimit -f 1000; \"$T\" {arguments} -q");
        Assert.Equal(4, run.ExitCode);
        AssertOneSentence(run.StandardError);
        Assert.Contains("File too large", run.StandardError, StringComparison.Ordinal);
        // Some of these verbs create a cache directory, others do not.
        Assert.Equal(["d"], Directory.EnumerateFileSystemEntries(_directory.Path).Select(Path.GetFileName).Where(name => name != "cache"));
    }

    [Theory]
    [InlineData("snippet")]
    [InlineData("--help")]
    [InlineData("tarsum /dev/null")]
    [InlineData("cache path")]
    [InlineData("cache path --json")]
    public async Task A_listing_that_can_not_be_written_is_an_error(string arguments)
    {
        var run = await BashAsync($"\"$T\" {arguments} > /dev/full");
        Assert.Equal(4, run.ExitCode);
        AssertOneSentence(run.StandardError);
    }

    [Fact]
    public async Task A_run_succeeds_if_stderr_can_not_be_written() =>
        Assert.Equal(0, (await BashAsync("mkdir d; \"$T\" layer --contents d -o l 2>/dev/full; [ -e l/layer.tar ]")).ExitCode);

    [Theory]
    [InlineData("layer --contents d --no-such-option", 2)]
    [InlineData("no-such-verb", 2)]
    [InlineData("layer --contents d -o l --uid many", 2)]
    [InlineData("root-layer -o l", 2)]
    [InlineData("inspect missing.tar", 3)]
    [InlineData("build --spec latin1.json -o a.tar", 3)]
    [InlineData("build-layered --conf latin1.json -o a.tar", 3)]
    [InlineData("build --config latin1.json --contents d --name a --tag 1 -o a.tar", 3)]
    [InlineData("layer --base-json latin1.json --contents d -o l", 3)]
    [InlineData("layer --extra-commands d --contents d -o l", 3)]
    [InlineData("build --contents d --name a --tag 1 -o a.tar --cache-dir /proc/none", 4)]
    [InlineData("root-layer --run-as-root /dev/null -o l --memory 500000G", 4)]
    [InlineData("layer --contents d --extra-commands fails -o l", 5)]
    public async Task Every_failure_prints_one_object(string arguments, int exitCode)
    {
        var run = await BashAsync($"mkdir d; printf '{{\"name\":\"a\\xff\"}}' > latin1.json; echo 'exit 3' > fails; \"$T\" {arguments} --json");
        Assert.True(run.ExitCode == exitCode, run.StandardError);
        Assert.DoesNotContain("   at ", run.StandardError, StringComparison.Ordinal);
        AssertErrorJson(run.StandardOutput, exitCode);
    }

    [Fact]
    public async Task A_cache_that_can_not_be_used_names_its_option()
    {
        var run = await BashAsync("mkdir d; tar -czf d.tgz d; \"$T\" layer --contents d.tgz -o l --cache-dir /proc/none -q");
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("--cache-dir", run.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verb_that_needs_no_temporary_file_works_without_a_cache() =>
        Assert.Equal(0, (await BashAsync("mkdir d; \"$T\" layer --contents d -o l --cache-dir /proc/none -q; [ -e l/layer.tar ]")).ExitCode);

    [Theory]
    [InlineData("--closure <(echo)")]
    [InlineData("--closure <(:)")]
    [InlineData("--contents <(tar -c d)")]
    [InlineData("--config <(echo '{}')")]
    [InlineData("--from <(cat a.tar)")]
    [InlineData("--spec <(echo '{}')")]
    [InlineData("--extra-commands <(echo true)")]
    [InlineData("--ca-certificates")]
    public async Task An_input_can_be_a_pipe(string option)
    {
        var run = await BashAsync($$"""
            mkdir d; echo x > d/f; "$T" build --contents d --name b --tag 1 -o a.tar -q
            SSL_CERT_FILE=/dev/fd/7 "$T" build --contents d --name p --tag 1 {{option}} -o p.tar -q 7< <(echo '-----BEGIN CERTIFICATE-----')
            tar -tf p.tar > list; grep -q manifest.json list
            """);
        Assert.True(run.ExitCode == 0, run.StandardError);
    }

    [Fact]
    public async Task A_digest_file_can_be_a_pipe()
    {
        var run = await BashAsync("""
            mkdir d; "$T" build --contents d --name b --tag 1 -o a.tar -q; mkfifo pipe; cat pipe > digest &
            "$T" copy a.tar oci:l --digestfile pipe -q; wait
            grep -q '^sha256:' digest
            """);
        Assert.True(run.ExitCode == 0, run.StandardError);
    }

    [Theory]
    [InlineData("build --spec spec -o x")]
    [InlineData("inspect $'missing\\e]0;pwn\\a\\r'")]
    [InlineData("layer --contents $'\\u202edir\\u009b31m' -o l")]
    [InlineData("no-such-verb$'\\e]0;pwn\\a'")]
    [InlineData("merge --only-deps $'d\\e]0;pwn\\a'")]
    [InlineData("diff $'\\e]0;pwn\\a' x --json")]
    public async Task Control_characters_in_names_do_not_reach_the_terminal(string arguments)
    {
        await File.WriteAllTextAsync(_directory["spec"], """{"name":"a\u001b]0;pwn\u0007"}""", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_directory["run"], $"mkdir -p $'d\\e]0;pwn\\a'; \"$T\" {arguments}", TestContext.Current.CancellationToken);
        var run = await BashAsync("LC_ALL=C.UTF-8 script -qec 'bash run' /dev/null");
        Assert.NotEmpty(run.StandardOutput);
        Assert.DoesNotContain("\e]", run.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain('\a', run.StandardOutput);
        Assert.DoesNotContain('\u009b', run.StandardOutput);
        Assert.DoesNotContain('\u202e', run.StandardOutput);
        Assert.DoesNotContain('\r', run.StandardOutput.Replace("\r\n", "\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signals_at_any_moment_leave_no_files()
    {
        string[] verbs =
        [
            "layer --contents d -o out", "build --contents d --name a --tag 1 -o out.tar.gz",
            "build-layered --contents d --name a --tag 1 -o oci:out",
            "merge d -o out.tar", "merge d -o out/", "export a.tar -o out.ext4", "copy a.tar oci:out",
            "layer --contents d --extra-commands slow -o out",
        ];
        (string Name, int ExitCode)[] signals = [("INT", 130), ("TERM", 143), ("HUP", 129)];
        await Testing.Tool.BashAsync(
            "mkdir d; for i in $(seq 20); do head -c 500000 /dev/urandom > d/$i; done; echo 'sleep 1' > slow", _directory.Path);
        (await BashAsync("\"$T\" build --contents d --name b --tag 1 -o a.tar -q")).Succeeded();
        // A fixed seed makes the moments of the signals the same in every run of the test.
        var random = new Random(24);
        for (var attempt = 0; attempt < 40; attempt++)
        {
            var (verb, (signal, exitCode)) = (verbs[attempt % verbs.Length], signals[random.Next(signals.Length)]);
            await using var run = RunningTool.Start(tool.Command, [.. verb.Split(' '), "-q"], _directory.Path, Environment);
            await Task.Delay(random.Next(250), TestContext.Current.CancellationToken);
            // kill fails if the run has already ended.
            await Testing.Tool.RunAsync("kill", ["-s", signal, $"{run.Id}"], cancellationToken: TestContext.Current.CancellationToken);
            var result = await run.Ended;
            var said = result.StandardError;
            Assert.True(result.ExitCode == 0 || result.ExitCode == exitCode, $"{verb}, {signal}: {result.ExitCode} {said}");
            if (said.Length > 0) Assert.Equal($"overlayimg: Interrupted by SIG{signal}; nothing was written.\n", said);
            var left = Directory.EnumerateFileSystemEntries(_directory.Path).Select(Path.GetFileName)
                .Except(["a.tar", "cache", "d", "slow"]).ToArray();
            Assert.True(
                left.All(name => result.ExitCode == 0 && name!.StartsWith("out", StringComparison.Ordinal)),
                $"{verb}, {signal}: {string.Join(' ', left)} {said}");
            if (Directory.Exists(_directory["cache/tmp"])) Assert.Empty(Directory.EnumerateFileSystemEntries(_directory["cache/tmp"]));
            await Testing.Tool.BashAsync("rm -rf out*", _directory.Path);
        }
    }

    // An output is created atomically, so a later signal has no partial output to remove.
    [Theory]
    [InlineData("layer --contents d -o out", "out")]
    [InlineData("merge d -o out.tar", "out.tar")]
    [InlineData("build --contents d --name a --tag 1 -o out.tar.gz", "out.tar.gz")]
    [InlineData("copy a.tar oci:out", "out")]
    [InlineData("export a.tar -o out.ext4", "out.ext4")]
    public async Task A_signal_after_the_output_appeared_is_no_failure(string arguments, string output)
    {
        var run = await BashAsync($"""
            mkdir d; head -c 1000000 /dev/urandom > d/f; "$T" build --contents d --name a --tag 1 -o a.tar -q
            for attempt in $(seq 12); do
              rm -rf out*
              "$T" {arguments} -q & tool=$!
              until [ -e {output} ] || ! kill -0 $tool; do :; done
              kill -TERM $tool || true
              wait $tool
            done
            """);
        Assert.True(run.ExitCode == 0, $"{run.ExitCode} {run.StandardError}");
    }

    [Fact]
    public async Task An_ignored_SIGHUP_stays_ignored()
    {
        var run = await BashAsync("""
            mkdir d; echo 'touch ../started; sleep 1' > slow; trap '' HUP
            "$T" layer --contents d --extra-commands slow -o l -q & tool=$!
            sleep 0.5; kill -HUP $tool; wait $tool; [ -e l/layer.tar ]
            """);
        Assert.True(run.ExitCode == 0, run.StandardError);
    }

    [Fact]
    public async Task Too_little_memory_is_an_error_and_not_a_crash()
    {
        // With very little memory the .NET runtime does not start, or aborts because it can't load libssl. The tool can't
        // handle either case.
        for (var mebibytes = 400; mebibytes <= 3200; mebibytes += 400)
        {
            var run = await BashAsync(
                $"mkdir -p d; head -c 1000000 /dev/urandom > d/f; rm -rf l; ulimit -v {mebibytes << 10}; exec \"$T\" layer --contents d -o l -q");
            var isOfRuntime = run.StandardError.Contains("GC heap", StringComparison.Ordinal)
                || run.StandardError.StartsWith("No usable version of libssl", StringComparison.Ordinal);
            var hasStarted = !isOfRuntime && run.StandardError.Length > 0;
            if (run.ExitCode == 0 || !hasStarted) continue;
            Assert.True(run.ExitCode == 4, $"exit code {run.ExitCode} with {mebibytes} MiB: {run.StandardError}");
            AssertOneSentence(run.StandardError);
        }
    }

    [Fact]
    public async Task No_created_file_is_writable_by_every_user()
    {
        var run = await BashAsync("""
            umask 000; mkdir d; echo x > d/f; "$T" build --contents d --name b --tag 1 -o a.tar -q; "$T" inspect a.tar -q > /dev/null
            find cache a.tar -perm -002 ! -type l
            """);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Empty(run.StandardOutput);
    }

    [Theory]
    [InlineData("inspect a.tar")]
    [InlineData("inspect a.tar.gz")]
    [InlineData("validate a.tar")]
    [InlineData("diff a.tar a.tar.gz")]
    [InlineData("export a.tar.gz -o e.tar")]
    [InlineData("merge d -o m.tar")]
    public async Task Verbs_that_only_read_need_no_cache(string arguments)
    {
        var run = await BashAsync($$"""
            mkdir d tmp; echo x > d/f; "$T" build --contents d --name b --tag 1 -o a.tar -q; gzip -k a.tar
            TMPDIR=$PWD/tmp "$T" {{arguments}} --cache-dir /proc/none -q > /dev/null
            env -u HOME -u OVERLAYIMG_CACHE_DIR TMPDIR=$PWD/tmp "$T" {{arguments}} -q > /dev/null
            ls -A tmp
            """);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Assert.Empty(run.StandardOutput);
    }

    [Fact]
    public async Task Pruning_a_read_only_cache_is_an_error()
    {
        var run = await BashAsync("""
            mkdir -p cache/blobs/entry; echo x > cache/blobs/entry/file; echo > cache/blobs/entry/record
            mount --bind cache cache; mount -o remount,ro,bind cache; "$T" cache prune --all -q
            """, "unshare", "--mount");
        Assert.Equal(4, run.ExitCode);
        AssertOneSentence(run.StandardError);
        Assert.Contains("Read-only file system", run.StandardError, StringComparison.Ordinal);
        Assert.Contains("--cache-dir", run.StandardError, StringComparison.Ordinal);
    }

    private Task<ToolResult> BashAsync(string script, params string[] around)
    {
        string[] words = [.. around, "bash", "-euo", "pipefail", "-c", script];
        return Testing.Tool.RunAsync(
            words[0], words[1..], directory: _directory.Path, environment: Environment, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static void AssertOneSentence(string errors)
    {
        Assert.StartsWith("overlayimg: ", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("..", errors, StringComparison.Ordinal);
    }

    private static void AssertErrorJson(string text, int exitCode)
    {
        using var json = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
        var error = json.RootElement.GetProperty("error");
        Assert.Equal(exitCode, error.GetProperty("exitCode").GetInt32());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }
}
