using System.Text.Json.Nodes;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>Runs the tool with a separate output directory and cache, and without the proxies and credentials of the caller.</summary>
public sealed class RegistryRun(InstalledTool tool) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>Additional environment variables; null removes a variable.</summary>
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

    /// <summary>The output directory, which is also the current directory of the tool.</summary>
    public string Path => Directory.CreateDirectory(_directory["out"]).FullName;

    /// <summary>The cache directory of the tool.</summary>
    public string Cache => _directory["cache"];

    /// <summary>Returns a path in the output directory.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>The names of the files in the output directory.</summary>
    public IEnumerable<string> Outputs => Directory.EnumerateFileSystemEntries(Path).Select(path => System.IO.Path.GetFileName(path));

    public void Dispose() => _directory.Dispose();

    /// <summary>Runs the tool in the output directory.</summary>
    public Task<ToolResult> RunAsync(params string[] arguments)
    {
        Directory.CreateDirectory(Path);
        return tool.RunAsync(
            arguments, directory: Path, environment: new Dictionary<string, string?>(Environment) { ["OVERLAYIMG_CACHE_DIR"] = Cache });
    }

    /// <summary>Runs the tool, which must succeed, and returns its JSON.</summary>
    public async Task<JsonNode> JsonAsync(params string[] arguments) =>
        JsonNode.Parse((await RunAsync([.. arguments, "--json"])).Succeeded().StandardOutput)!;

    /// <summary>Runs the tool, which must fail without writing files, and returns its one error sentence.</summary>
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
