using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>
/// podman with its own storage and its own directory for temporary files. By default all podman processes of a user share
/// the latter, and two concurrent <c>podman system reset</c> would disturb each other there. The storage driver <c>vfs</c> copies
/// every layer, which is slow, but can load a layer with a hard link to a file of a lower layer.
/// </summary>
public sealed class Podman(string storageDriver = "overlay") : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>The command line of podman for scripts.</summary>
    public string CommandLine => $"podman {string.Join(' ', Options)}";

    private string[] Options =>
        ["--root", _directory["root"], "--runroot", _directory["run"], "--tmpdir", _directory["tmp"], "--storage-driver", storageDriver];

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<ToolResult> RunAsync(params string[] arguments) =>
        (await Testing.Tool.RunAsync("podman", [.. Options, .. arguments])).Succeeded();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await RunAsync("system", "reset", "--force");
        _directory.Dispose();
    }
}
