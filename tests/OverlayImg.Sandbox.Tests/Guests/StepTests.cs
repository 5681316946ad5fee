using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>Jobs of several steps, and what steps see: secrets, mounts of files, variables of the image.</summary>
public sealed class StepTests(SavedGuest saved) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly MemoryStream _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Log => Encoding.UTF8.GetString(_log.ToArray());

    public void Dispose()
    {
        _directory.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Steps_run_in_their_order_and_see_secrets_files_and_variables_that_leave_nothing_in_the_layer()
    {
        var file = TestGuest.Parent(_directory["file.ext4"], ("content", "mounted\n"));
        var job = Job(
            Script("one", """
                echo "$0 $IMAGE $BOTH $PATH"; cat /run/secrets/key /etc/deep/file; stat -c '%a %u %n' /run/secrets/*
                ! echo x >/run/secrets/key; ! echo x >/etc/deep/file; sleep 1000 & echo one >/made
                """),
            // The image has no sh, so the guest's bash runs the commands.
            Commands("echo \"$0 $- $IMAGE\"; cat /made; cat /proc/[0-9]*/comm | grep -c sleep || :; echo two >>/made"),
            Script("three", "echo $0; cat /made /run/secrets/key")) with
        {
            Mounts = [new(file, ByteString.FromText("/etc/deep/file")) { FileName = "content" }],
            Secrets = [new("key", "secret\n"u8.ToArray()), new("other", "b"u8.ToArray())],
            ImageEnvironment = Variables(("IMAGE", "of the image"), ("BOTH", "lost"), ("PATH", "/image/bin:/bin")),
            Environment = Variables(("BOTH", "of the job")),
            Scripts = TestGuest.Script(JobScript.PostMount, "cat mnt/run/secrets/key mnt/etc/deep/file /etc/deep/file; echo \"$IMAGE\""),
        };
        var result = await RunAsync(job);
        Assert.Equal("""
            /.overlayimg/scripts/run-as-root of the image of the job /image/bin:/bin:/.overlayimg/bin
            secret
            mounted
            400 0 /run/secrets/key
            400 0 /run/secrets/other
            /.overlayimg/scripts/run-as-root: line 2: /run/secrets/key: Read-only file system
            /.overlayimg/scripts/run-as-root: line 2: /etc/deep/file: Read-only file system
            bash ehBc of the image
            one
            0
            /.overlayimg/scripts/run-as-root-3
            one
            two
            secret
            secret
            mounted
            mounted


            """, Log);
        Assert.Equal(3, result.Phases.Count(phase => phase.Phase is JobPhase.Script));
        var layer = await Tool.RunAsync("debugfs", ["-R", "ls -p /layer", _directory["upper.ext4"]], cancellationToken: Token);
        var lines = layer.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([".", "..", "made"], lines.Select(line => line.Split('/')[5]).Order(StringComparer.Ordinal));
        Assert.True((await File.ReadAllBytesAsync(_directory["upper.ext4"], Token)).AsSpan().IndexOf("secret\n"u8) < 0);
    }

    [Fact]
    public async Task The_first_step_that_fails_ends_the_job_and_is_named_with_its_line_and_command()
    {
        var failure = await FailsAsync(Job(Commands("true"), Script("setup.sh", "true\n\nls /nope\n"), Commands("echo never")));
        Assert.Equal("Step 2 (setup.sh), line 3: `ls /nope` ended with status 1", failure.Message);
        Assert.DoesNotContain("never", Log, StringComparison.Ordinal);
        var script = failure.Result.FailedScript!;
        Assert.Equal((2, 3, "setup.sh", 3, "ls /nope"), (script.Step, script.StepCount, script.Name, script.Command!.Line, script.Command.Text));
    }

    [Fact]
    public async Task Commands_that_fail_are_told_by_their_text() => Assert.Equal(
        "`false ...` ended with status 1", (await FailsAsync(Job(Commands("false\necho never")))).Message);

    [Fact]
    public async Task A_hook_that_fails_is_told_by_its_place_and_its_name()
    {
        var job = Job() with
        {
            Scripts = TestGuest.Script(JobScript.PreMount, "true\nls /nope"),
            ScriptNames = new Dictionary<JobScript, string> { [JobScript.PreMount] = "prepare.sh" },
        };
        Assert.Equal("The pre-mount script (prepare.sh), line 2: `ls /nope` ended with status 1", (await FailsAsync(job)).Message);
    }

    private GuestJob Job(params JobStep[] steps) =>
        TestGuest.Job(_directory.Path, "") with { Steps = steps };

    private static JobStep Script(string name, string text) => new(name, Encoding.UTF8.GetBytes(text));

    private static JobStep Commands(string text) => Script(text, text) with { IsCommands = true };

    private static Dictionary<ByteString, ReadOnlyMemory<byte>> Variables(params (string Name, string Value)[] variables) =>
        variables.ToDictionary(variable => ByteString.FromText(variable.Name), variable => ByteString.FromText(variable.Value).Memory);

    private Task<ScriptException> FailsAsync(GuestJob job) => Assert.ThrowsAsync<ScriptException>(() => RunAsync(job));

    private async Task<JobResult> RunAsync(GuestJob job)
    {
        await using var guest = await TestGuest.StartAsync(_directory["scratch"], await saved.SnapshotsAsync(), Token);
        return await guest.RunAsync(job, _log, null, Token);
    }
}
