using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>What scripts find in their root directories, and which of it gets into the layer.</summary>
public sealed class ScriptPlacesTests(SavedGuest saved) : IDisposable
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
    public async Task Every_script_sees_the_mounts_at_their_targets()
    {
        // In the guest, /bin is a link to the toolbox. A mount at /bin must not hide the toolbox.
        var some = TestGuest.Parent(_directory["some.ext4"], ("inside", "some\n"));
        var bin = TestGuest.Parent(_directory["bin.ext4"], ("inside", "bin\n"));
        const string See = "cat /some/where/inside /bin/inside; ! touch /some/where/new 2>/dev/null; ls -d / >/dev/null";
        var job = TestGuest.Job(_directory.Path, See) with
        {
            Mounts = [new(some, ByteString.FromText("/some/where")), new(bin, ByteString.FromText("/bin"))],
            Scripts = TestGuest.EveryHook(See),
        };
        await RunAsync(job);
        Assert.Equal(string.Concat(Enumerable.Repeat("some\nbin\n", 6)), Log);
        Assert.Equal([".", ".."], await LayerAsync());
    }

    [Fact]
    public async Task A_mount_at_a_directory_of_the_guest_is_refused_where_a_hook_would_see_it()
    {
        var job = TestGuest.Job(_directory.Path, "") with
        {
            Mounts = [new(TestGuest.Parent(_directory["some.ext4"]), ByteString.FromText("/disk/layer"))],
            Scripts = TestGuest.Script(JobScript.ExtraCommands, "true"),
        };
        var exception = await FailsAsync<GuestException>(job);
        Assert.Equal(
            "The guest can't do the job: '/disk' is the guest's own directory, so a hook can't have a mount at '/disk/layer'", exception.Message);
    }

    [Fact]
    public async Task Fake_root_commands_have_the_layer_as_root_directory_and_as_current_directory()
    {
        var mount = TestGuest.Parent(_directory["mount.ext4"], ("key", "secret\n"));
        var job = TestGuest.Job(_directory.Path, "") with
        {
            Mounts = [new(mount, ByteString.FromText("/run/secrets"))],
            Scripts = new Dictionary<JobScript, ReadOnlyMemory<byte>>
            {
                [JobScript.PreMount] = "mkdir -p layer/nix/var layer/etc; echo mine >layer/etc/hosts"u8.ToArray(),
                [JobScript.FakeRootCommands] = """
                    mkdir /data; echo absolute >/data/file; echo relative >data/other; echo above >../data/above
                    chown -R 1000 nix/var; cat run/secrets/key 2>&1 | grep -o 'No such'; cat /run/secrets/key
                    # The whole layer, and neither what is mounted there nor the toolbox.
                    chown -R 1001 .; find . -name key
                    mknod ./device c 1 3; rm etc/hosts; pwd; env pwd; cd data; pwd; ls | tr '\n' ' '
                    useradd --help | head -1; echo <(true) >/dev/null
                    ln other hard; hostname; test ! -e /tmp
                    """u8.ToArray(),
            },
        };
        await RunAsync(job);
        Assert.Equal("No such\nsecret\n/\n/\n/data\nabove file other Usage: useradd [options] LOGIN\nlocalhost\n", Log);
        Assert.Equal([".", "..", "data", "device", "etc", "nix"], await LayerAsync());
        Assert.Contains("User:  1001", await DebugfsAsync("stat /layer/nix/var"), StringComparison.Ordinal);
        Assert.Contains("User:  1001", await DebugfsAsync("stat /layer/data/file"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fake_root_commands_that_fail_are_named()
    {
        var job = TestGuest.Job(_directory.Path, "") with { Scripts = TestGuest.Script(JobScript.FakeRootCommands, "exit 3") };
        Assert.Equal("The fake-root-commands script ended with status 3 (`exit 3` in line 1)", (await FailsAsync<ScriptException>(job)).Message);
    }

    [Fact]
    public async Task A_script_in_an_image_with_etc_can_resolve_its_host_name_and_leaves_nothing_of_that()
    {
        const string Script = "grep -c \"$(hostname)\" /etc/hosts; stat -c '%a %u' /tmp; echo lost >>/etc/hosts; : >/tmp/mine";
        var job = TestGuest.Job(_directory.Path, Script) with
        {
            Scripts = new Dictionary<JobScript, ReadOnlyMemory<byte>>
            {
                [JobScript.PreMount] = "mkdir layer/etc"u8.ToArray(),
                [JobScript.PostMount] = "grep -c lost /etc/hosts || ls mnt/etc"u8.ToArray(),
            },
        };
        var warnings = new List<string>();
        await RunAsync(job, new Warnings(warnings));
        Assert.Equal("2\n1777 0\n0\n", Log);
        Assert.Equal(
            ["In the guest: the layer does not have what the script wrote to /etc/hosts: the guest mounts its own file there while a script runs."],
            warnings);
        Assert.Equal([".", "..", "etc", "tmp"], await LayerAsync());
        Assert.Contains("Mode:  01777", await DebugfsAsync("stat /layer/tmp"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_image_keeps_its_own_hosts_and_an_image_without_etc_gets_none()
    {
        var parent = TestGuest.Parent(_directory["parent.ext4"], ("file", ""));
        await RunAsync(TestGuest.Job(_directory.Path, "ls -d /etc || ls -A /tmp", parent));
        Assert.Equal("ls: /etc: No such file or directory\n", Log);
        Assert.Equal([".", ".."], await LayerAsync());
    }

    private async Task RunAsync(GuestJob job, IProgress<GuestProgress>? progress = null)
    {
        await using var guest = await TestGuest.StartAsync(_directory["scratch"], await saved.SnapshotsAsync(), Token);
        await guest.RunAsync(job, _log, progress, Token);
    }

    private Task<T> FailsAsync<T>(GuestJob job) where T : Exception => Assert.ThrowsAnyAsync<T>(() => RunAsync(job));

    private async Task<string> DebugfsAsync(string request) =>
        (await Tool.RunAsync("debugfs", ["-R", request, _directory["upper.ext4"]], cancellationToken: Token)).StandardOutput;

    // The names in the root directory of the layer, sorted.
    private async Task<string[]> LayerAsync()
    {
        var lines = (await DebugfsAsync("ls -p /layer")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => line.Split('/')[5]).Order(StringComparer.Ordinal)];
    }

    private sealed class Warnings(List<string> warnings) : IProgress<GuestProgress>
    {
        public void Report(GuestProgress value)
        {
            if (value is GuestProgress.Warning { Text: var text }) warnings.Add(text);
        }
    }
}
