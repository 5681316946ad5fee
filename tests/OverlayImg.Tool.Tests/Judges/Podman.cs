using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>
/// podman with a storage of its own. Its directory for temporary files is its own, too: by default all podmans of a user share one, and two that are
/// reset at the same time trip over each other there.
/// </summary>
public sealed class Podman : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>The program with its options, for scripts.</summary>
    public string CommandLine => $"podman {string.Join(' ', Options)}";

    private string[] Options =>
        ["--root", _directory["root"], "--runroot", _directory["run"], "--tmpdir", _directory["tmp"], "--storage-driver", "vfs"];

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
