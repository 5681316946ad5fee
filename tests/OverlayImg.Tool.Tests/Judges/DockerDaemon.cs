using System.Diagnostics;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>A docker daemon with storage and sockets of its own, ended with the test.
/// Needs no network and no kernel features beyond mounts.</summary>
public sealed class DockerDaemon : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly Process _process;
    private readonly Task<string> _errors;

    private DockerDaemon(TemporaryDirectory directory, Process process)
    {
        (_directory, _process) = (directory, process);
        _errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.Close();
    }

    /// <summary>Starts one and waits until it answers.</summary>
    public static async Task<DockerDaemon> StartAsync()
    {
        var directory = new TemporaryDirectory();
        var process = Process.Start(new ProcessStartInfo("dockerd",
        [
            "--iptables=false", "--bridge=none", "--storage-driver=vfs", "--data-root", directory["data"],
            "--exec-root", directory["exec"], "--pidfile", directory["pid"],
            "-H", $"unix://{directory["socket"]}", "--containerd-namespace", "overlayimg-test",
            "--containerd-plugins-namespace", "overlayimg-test-plugins",
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var daemon = new DockerDaemon(directory, process);
        for (var attempt = 0; ; attempt++)
        {
            var answer = await Testing.Tool.RunAsync("docker", ["-H", $"unix://{directory["socket"]}", "version"]);
            if (answer.ExitCode == 0) return daemon;
            if (process.HasExited || attempt == 120)
            {
                if (!process.HasExited) process.Kill();
                throw new InvalidOperationException($"dockerd did not start: {await daemon._errors}");
            }

            await Task.Delay(500);
        }
    }

    /// <summary>A path below the daemon's data.</summary>
    public string DataPath(string name) => _directory[$"data/{name}"];

    /// <summary>The client with its options, for scripts.</summary>
    public string CommandLine => $"docker -H unix://{_directory["socket"]}";

    /// <summary>Runs the client; it must succeed.</summary>
    public async Task<string> RunAsync(params string[] arguments) =>
        (await Testing.Tool.RunAsync("docker", ["-H", $"unix://{_directory["socket"]}", .. arguments])).Succeeded().StandardOutput;

    public async ValueTask DisposeAsync()
    {
        // SIGTERM, so that the daemon ends the containerd it started and unmounts what it mounted.
        (await Testing.Tool.RunAsync("kill", [$"{_process.Id}"])).Succeeded();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }
}
