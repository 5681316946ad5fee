using System.Diagnostics;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

[assembly: AssemblyFixture(typeof(DockerDaemon))]

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>A docker daemon with storage and sockets of its own, started when it is first used. Needs no network and no kernel features beyond mounts.
/// One is shared by all tests, each of which loads images of other names than the others do. Where docker is to read layers that another test may have
/// loaded before, and docker reads none that it has, the test makes a daemon of its own.</summary>
public sealed class DockerDaemon : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Lazy<Task<RunningTool>> _daemon;

    public DockerDaemon() => _daemon = new(StartAsync);

    private string Socket => $"unix://{_directory["socket"]}";

    /// <summary>A path below the daemon's data.</summary>
    public string DataPath(string name) => _directory[$"data/{name}"];

    /// <summary>The daemon's address, as <c>$DOCKER_HOST</c> has it.</summary>
    public async Task<string> HostAsync()
    {
        await _daemon.Value;
        return Socket;
    }

    /// <summary>The client with its options, for scripts.</summary>
    public async Task<string> CommandLineAsync()
    {
        await _daemon.Value;
        return $"docker -H {Socket}";
    }

    /// <summary>Runs the client; it must succeed.</summary>
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
            // SIGTERM, so that the daemon ends the containerd it started and unmounts what it mounted.
            await daemon.SignalAsync("TERM");
            await daemon.Ended;
        }

        _directory.Dispose();
    }

    // Starts it and waits until it answers.
    private async Task<RunningTool> StartAsync()
    {
        var daemon = RunningTool.Start("dockerd",
        [
            "--iptables=false", "--bridge=none", "--storage-driver=vfs", "--data-root", _directory["data"],
            "--exec-root", _directory["exec"], "--pidfile", _directory["pid"],
            "-H", Socket, "--containerd-namespace", "overlayimg-test",
            "--containerd-plugins-namespace", "overlayimg-test-plugins",
        ]);
        var patience = Stopwatch.StartNew();
        while ((await Testing.Tool.RunAsync("docker", ["-H", Socket, "version"])).ExitCode != 0)
        {
            if (daemon.Ended.IsCompleted || patience.Elapsed > TimeSpan.FromMinutes(2))
            {
                await daemon.DisposeAsync();
                throw new InvalidOperationException($"dockerd did not start: {(await daemon.Ended).StandardError}");
            }

            await Task.Delay(100);
        }

        return daemon;
    }
}
