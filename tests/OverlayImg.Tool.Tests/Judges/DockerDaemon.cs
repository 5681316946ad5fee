using System.Diagnostics;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

[assembly: AssemblyFixture(typeof(DockerDaemon))]

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>
/// A docker daemon with its own storage and socket, started on first use. It needs no network and no kernel features except
/// mounts. All tests share one daemon, and each test uses its own image names. docker does not read layers that it already
/// has, so a test of the reading of layers makes a layer that no other test has.
/// </summary>
public sealed class DockerDaemon : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _storageDriver;
    private readonly Lazy<Task<RunningTool>> _daemon;

    public DockerDaemon() : this("overlay2") { }

    private DockerDaemon(string storageDriver)
    {
        _storageDriver = storageDriver;
        _daemon = new(StartAsync);
    }

    /// <summary>
    /// Returns a daemon with the storage driver <c>vfs</c>. It copies every layer, which is slow, but it can load a layer with a hard link
    /// to a file of a lower layer. overlay2 can't.
    /// </summary>
    public static DockerDaemon WithVfs() => new("vfs");

    private string Socket => $"unix://{_directory["socket"]}";

    /// <summary>Starts the daemon and returns its address in the form of <c>$DOCKER_HOST</c>.</summary>
    public async Task<string> HostAsync()
    {
        await _daemon.Value;
        return Socket;
    }

    /// <summary>Returns the command line of the docker client for scripts.</summary>
    public async Task<string> CommandLineAsync()
    {
        await _daemon.Value;
        return $"docker -H {Socket}";
    }

    /// <summary>Runs a docker command that must succeed and returns its standard output.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        await _daemon.Value;
        return (await Testing.Tool.RunAsync("docker", ["-H", Socket, .. arguments])).Succeeded().StandardOutput;
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemon.IsValueCreated)
        {
            await using var daemon = await _daemon.Value;
            // On SIGTERM the daemon ends its containerd and removes its mounts.
            await daemon.SignalAsync("TERM");
            await daemon.Ended;
        }

        _directory.Dispose();
    }

    // Waits until the daemon answers.
    private async Task<RunningTool> StartAsync()
    {
        var daemon = RunningTool.Start("dockerd",
        [
            "--iptables=false", "--bridge=none", $"--storage-driver={_storageDriver}", "--data-root", _directory["data"],
            "--exec-root", _directory["exec"], "--pidfile", _directory["pid"],
            "-H", Socket, "--containerd-namespace", "overlayimg-test",
            "--containerd-plugins-namespace", "overlayimg-test-plugins",
        ]);
        var waited = Stopwatch.StartNew();
        while ((await Testing.Tool.RunAsync("docker", ["-H", Socket, "version"])).ExitCode != 0)
        {
            if (daemon.Ended.IsCompleted || waited.Elapsed > TimeSpan.FromMinutes(2))
            {
                await daemon.DisposeAsync();
                throw new InvalidOperationException($"dockerd did not start: {(await daemon.Ended).StandardError}");
            }

            await Task.Delay(100);
        }

        return daemon;
    }
}
