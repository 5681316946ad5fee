using System.Text.Json.Nodes;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>The tool with a directory and a cache of its own, and none of the caller's proxies and credentials.</summary>
public sealed class RegistryRun(InstalledTool tool) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>More variables.</summary>
    public Dictionary<string, string?> Environment { get; } = new()
    {
        ["http_proxy"] = null,
        ["https_proxy"] = null,
        ["HTTP_PROXY"] = null,
        ["HTTPS_PROXY"] = null,
        ["ALL_PROXY"] = null,
        ["all_proxy"] = null,
        ["DOCKER_CONFIG"] = null,
        ["REGISTRY_AUTH_FILE"] = null,
        ["XDG_RUNTIME_DIR"] = null,
    };

    /// <summary>Where outputs go.</summary>
    public string Path => Directory.CreateDirectory(_directory["out"]).FullName;

    /// <summary>The cache.</summary>
    public string Cache => _directory["cache"];

    /// <summary>A path among the outputs.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>What is among the outputs.</summary>
    public IEnumerable<string> Outputs => Directory.EnumerateFileSystemEntries(Path).Select(path => System.IO.Path.GetFileName(path));

    public void Dispose() => _directory.Dispose();

    /// <summary>Runs the tool among the outputs.</summary>
    public Task<ToolResult> RunAsync(params string[] arguments)
    {
        Directory.CreateDirectory(Path);
        return tool.RunAsync(arguments, directory: Path, environment: new Dictionary<string, string?>(Environment) { ["OVERLAYIMG_CACHE_DIR"] = Cache });
    }

    /// <summary>Runs it with success, and gives its JSON.</summary>
    public async Task<JsonNode> JsonAsync(params string[] arguments) => JsonNode.Parse((await RunAsync([.. arguments, "--json"])).Succeeded().StandardOutput)!;

    /// <summary>Runs it without success: one sentence, and nothing written.</summary>
    public async Task<string> FailAsync(int exitCode, params string[] arguments)
    {
        Directory.CreateDirectory(Path);
        var before = Outputs.Order().ToArray();
        var run = await RunAsync(arguments);
        Assert.True(run.ExitCode == exitCode, $"{run.CommandLine}\nexit code {run.ExitCode}\n{run.StandardError}");
        Assert.Equal(before, Outputs.Order());
        return Assert.Single(run.StandardError.Split('\n'), line => line.StartsWith("overlayimg: ", StringComparison.Ordinal));
    }
}
