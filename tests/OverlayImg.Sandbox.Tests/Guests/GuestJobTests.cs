using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Settings;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>Jobs in a real guest on TCG.</summary>
public sealed class GuestJobTests(SavedGuest saved) : IDisposable
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
    public async Task A_script_sees_the_parents_and_leaves_its_changes_on_the_upper_disk()
    {
        var bottom = TestGuest.Parent(_directory["bottom.ext4"], ("which", "bottom\n"), ("deep", "deep\n"));
        var top = TestGuest.Parent(_directory["top.ext4"], ("which", "top\n"));
        var job = TestGuest.Job(_directory.Path, "cat /which /deep; echo \"$GREETING\" >/new; rm /deep; echo done >&2", bottom, top) with
        {
            Environment = new Dictionary<ByteString, ReadOnlyMemory<byte>>
            {
                [ByteString.FromText("GREETING")] = "grüß 'dich' \"$x\"\nja"u8.ToArray(),
            },
        };
        var phases = new List<JobPhase>();
        var result = await RunAsync(job, new Phases(phases), boots: true);

        Assert.Equal("top\ndeep\ndone\n", Log);
        Assert.Equal(0, result.Status);
        Assert.Equal(["top", "deep", "done"], result.LastLines);
        Assert.Equal([JobPhase.Disks, JobPhase.Mount, JobPhase.Script, JobPhase.Unmount], phases);
        Assert.Equal(phases, result.Phases.Select(phase => phase.Phase));
        Assert.Equal("grüß 'dich' \"$x\"\nja\n", await DebugfsAsync("cat /layer/new"));
        Assert.Contains("Type: character special", await DebugfsAsync("stat /layer/deep"), StringComparison.Ordinal);
        Assert.Equal(0, (await Tool.RunAsync("e2fsck", ["-fn", job.UpperDisk], cancellationToken: Token)).ExitCode);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(40)]
    [InlineData(120)]
    public async Task The_last_of_many_parents_wins(int count)
    {
        await RunAsync(TestGuest.Job(_directory.Path, "cat /which; ls -d /of-* | wc -l", TestGuest.Parents(_directory, count)));
        Assert.Equal($"{count - 1}\n{count}\n", Log);
    }

    [Fact]
    public async Task A_disk_that_ends_with_a_directory_is_read_to_its_end()
    {
        // Empty files need no blocks, so the disk ends with the blocks of the directory, in which the kernel reads ahead.
        var parent = TestGuest.Parent(
            _directory["many.ext4"], Enumerable.Range(0, 2000).Select(number => ($"a-file-of-an-empty-layer-{number}", "")));
        await RunAsync(TestGuest.Job(
            _directory.Path,
            "ls -d a-file-of-* | wc -l; mkdir d; for n in {1..500}; do echo > d/a-file-of-the-new-layer-$n; done; ls d | wc -l",
            parent));
        Assert.Equal("2000\n500\n", Log);
    }

    [Fact]
    public async Task All_names_of_a_large_directory_of_a_parent_are_found_and_removed()
    {
        // The disk has an index of this directory. The script looks up each name by the index before it lists the directory.
        const int count = 6000;
        var parent = TestGuest.Parent(
            _directory["large.ext4"], Enumerable.Range(0, count).Select(number => ($"a-file-of-a-large-directory-{number}", "")));
        var dump = await Tool.RunAsync("dumpe2fs", ["-h", parent], cancellationToken: Token);
        Assert.Contains("dir_index", dump.StandardOutput, StringComparison.Ordinal);
        await RunAsync(TestGuest.Job(_directory.Path, $$"""
            found=0
            for ((number = 0; number < {{count}}; number++)); do [ -e a-file-of-a-large-directory-$number ] && found=$((found + 1)); done
            [ ! -e a-file-of-a-large-directory-{{count}} ]
            echo $found
            ls | grep -c a-file-of
            rm a-file-of-*
            ls | grep -c a-file-of || true
            """, parent));
        Assert.Equal($"{count}\n{count}\n0\n", Log);
    }

    [Fact]
    public async Task Hooks_and_mounts_are_where_the_protocol_says()
    {
        var mount = TestGuest.Parent(_directory["mount.ext4"], ("inside", "from the mount\n"));
        var job = TestGuest.Job(_directory.Path, "cat /some/where/inside; echo script") with
        {
            Mounts = [new(mount, ByteString.FromText("/some/where"))],
            Scripts = new Dictionary<JobScript, ReadOnlyMemory<byte>>
            {
                [JobScript.PreMount] = "echo pre-mount; ls"u8.ToArray(),
                [JobScript.PostMount] = "echo post-mount"u8.ToArray(),
                [JobScript.ExtraCommands] = "echo extra-commands; echo x >extra"u8.ToArray(),
                [JobScript.PostUmount] = "echo post-umount; cat layer/extra"u8.ToArray(),
            },
        };
        await RunAsync(job);
        Assert.Equal("pre-mount\nlayer\nlost+found\nmnt\nout\nwork\nfrom the mount\nscript\npost-mount\nextra-commands\npost-umount\nx\n", Log);
        Assert.Contains("File not found", await DebugfsAsync("stat /layer/some"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_has_the_environment_of_the_protocol_and_its_shell_asks_the_image_for_nothing()
    {
        var job = TestGuest.Job(_directory.Path, """tr '\0' '\n' </proc/$$/environ | sort; env | grep -c BASH_ENV || :""") with
        {
            Scripts = new Dictionary<JobScript, ReadOnlyMemory<byte>>
            {
                // A process that opens such a pipe hangs, because nothing writes to the pipe.
                [JobScript.PreMount] = "mkdir layer/etc; mkfifo layer/etc/nsswitch.conf layer/etc/passwd"u8.ToArray(),
            },
            Environment = new Dictionary<ByteString, ReadOnlyMemory<byte>> { [ByteString.FromText("TERM")] = "vt100"u8.ToArray() },
            Timeout = TimeSpan.FromSeconds(60),
        };
        await RunAsync(job);
        Assert.Equal(
            "BASH_ENV=/.overlayimg/libexec/bash-env\nHOME=/root\n" +
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/.overlayimg/bin\nSHELL=/bin/sh\nTERM=vt100\n0\n", Log);
    }

    [Fact]
    public async Task A_script_that_fails_is_reported_with_its_status_and_last_lines()
    {
        var exception = await FailsAsync<ScriptException>(TestGuest.Job(_directory.Path, "echo one; echo two >&2; exit 3"));
        Assert.Equal("The script ended with status 3 (`exit 3` in line 1)", exception.Message);
        Assert.Equal(("script", 3), (exception.Phase, exception.Status));
        Assert.Equal(["one", "two"], exception.LastLines);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_script_that_a_signal_ends_is_reported_with_the_signal()
    {
        var exception = await FailsAsync<ScriptException>(TestGuest.Job(_directory.Path, "bash -c 'kill -SEGV $$'"));
        Assert.Equal("The script, line 1: `bash -c 'kill -SEGV $$'` ended with status 139 (signal 11)", exception.Message);
    }

    [Fact]
    public async Task A_script_that_exhausts_the_memory_gets_advice_on_the_memory_setting()
    {
        var exception = await FailsAsync<ScriptException>(TestGuest.Job(
            // One large allocation. Without overcommit_memory the kernel would refuse it before memory runs out.
            _directory.Path, "echo 1 > /proc/sys/vm/overcommit_memory; dd if=/dev/zero of=/dev/null bs=1G count=1"));
        Assert.True(exception.Result.OutOfMemory);
        Assert.StartsWith(
            "The guest ran out of memory: the script, line 1: `dd if=/dev/zero of=/dev/null bs=1G count=1` ended with status ",
            exception.Message, StringComparison.Ordinal);
        Assert.Equal("Give the guest more than 256 MiB of memory.", exception.Advice!.Text);
        Assert.Equal([GuestSetting.Memory], exception.Advice.Settings);
    }

    [Fact]
    public async Task A_script_is_not_blamed_for_a_process_that_was_killed_before_it()
    {
        var job = TestGuest.Job(_directory.Path, "exit 3") with
        {
            Scripts = new Dictionary<JobScript, ReadOnlyMemory<byte>>
            {
                [JobScript.PreMount] =
                    "echo 1 > /proc/sys/vm/overcommit_memory; dd if=/dev/zero of=/dev/null bs=1G count=1 || echo killed"u8.ToArray(),
            },
        };
        var exception = await FailsAsync<ScriptException>(job);
        Assert.Contains("killed", Log, StringComparison.Ordinal);
        Assert.Equal("The script ended with status 3 (`exit 3` in line 1)", exception.Message);
        Assert.False(exception.Result.OutOfMemory);
    }

    [Fact]
    public async Task A_script_that_fills_the_disk_gets_advice_on_the_disk_size_setting()
    {
        var exception = await FailsAsync<ScriptException>(TestGuest.Job(_directory.Path, "dd if=/dev/zero of=/big bs=1M count=100"));
        Assert.True(exception.Result.NoSpace);
        Assert.StartsWith(
            "The guest's disk is full: the script, line 1: `dd if=/dev/zero of=/big bs=1M count=100` ended with status ",
            exception.Message, StringComparison.Ordinal);
        Assert.Equal([FileSystemSetting.DiskSize], exception.Advice!.Settings);
    }

    [Fact]
    public async Task A_full_disk_of_the_host_is_distinguished_from_a_full_disk_of_the_guest()
    {
        var small = Directory.CreateDirectory(_directory["small"]).FullName;
        (await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", small], cancellationToken: Token)).Succeeded();
        try
        {
            var exception = await FailsAsync<GuestException>(TestGuest.Job(small, "dd if=/dev/urandom of=/big bs=1M count=32 && sync"));
            Assert.Equal("The host's disk is full: the guest's disk 'upper' could not grow", exception.Message);
        }
        finally
        {
            (await Tool.RunAsync("umount", [small], cancellationToken: CancellationToken.None)).Succeeded();
        }

        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_kernel_panic_is_reported_as_one()
    {
        var job = TestGuest.Job(_directory.Path, "") with { Scripts = TestGuest.Script(JobScript.PreMount, "echo c >/proc/sysrq-trigger") };
        var exception = await FailsAsync<GuestException>(job);
        Assert.Equal("The guest's kernel panicked: sysrq triggered crash", exception.Message);
        Assert.NotEmpty(exception.ConsoleTail);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_missing_disk_is_named()
    {
        var exception = await FailsAsync<MachineException>(TestGuest.Job(_directory.Path, "true", "/nowhere/parent.ext4"));
        Assert.StartsWith("The disk /nowhere/parent.ext4 can't be plugged into the guest: ", exception.Message, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    private async Task<JobResult> RunAsync(GuestJob job, IProgress<GuestProgress>? progress = null, bool boots = false)
    {
        await using var guest = await TestGuest.StartAsync(_directory["scratch"], boots ? null : await saved.SnapshotsAsync(), Token);
        return await guest.RunAsync(job, _log, progress, Token);
    }

    private Task<T> FailsAsync<T>(GuestJob job) where T : Exception => Assert.ThrowsAnyAsync<T>(() => RunAsync(job));

    private async Task<string> DebugfsAsync(string request)
    {
        var result = await Tool.RunAsync("debugfs", ["-R", request, _directory["upper.ext4"]], cancellationToken: Token);
        return result.StandardOutput + result.StandardError[(result.StandardError.IndexOf('\n', StringComparison.Ordinal) + 1)..];
    }

    private void AssertNothingIsLeft() => Assert.Empty(Directory.GetFileSystemEntries(_directory["scratch"]));

    private sealed class Phases(List<JobPhase> phases) : IProgress<GuestProgress>
    {
        public void Report(GuestProgress value)
        {
            if (value is GuestProgress.PhaseBegan { Phase: var phase }) phases.Add(phase);
        }
    }
}
