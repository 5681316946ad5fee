using System.Text.RegularExpressions;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Docs;

/// <summary>Runs commands of a document: with the files that the documents speak of, and with a home and a cache of their own.</summary>
internal sealed partial class DocumentRun(InstalledTool tool, DockerDaemon docker, DocumentRegistry registry) : IDisposable
{
    // The caller's settings must not decide what passes.
    private static readonly string[] Unset =
    [
        "OVERLAYIMG_GUEST_IMAGE", "OVERLAYIMG_CACHE_DIR", "OVERLAYIMG_CACHE_LIMIT", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "SOURCE_DATE_EPOCH",
        "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE",
    ];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>Makes the files: a base image, directories, scripts, the package of the tool.</summary>
    public async Task MakeFilesAsync()
    {
        var work = Directory.CreateDirectory(_directory["work"]).FullName;
        var packages = Path.GetDirectoryName(Environment.GetEnvironmentVariable("OVERLAYIMG_TEST_PACKAGE"))!;
        var documents = Path.Combine(ExamplesTests.Root(), "docs");
        await Testing.Tool.BashAsync($"bash '{Seeds.Script("documents.sh")}' '{InstalledTool.DebianBase}' '{packages}' '{documents}'", work);
        await tool.SeedCacheAsync(_directory["home/.cache/overlayimg"]);
    }

    /// <summary>
    /// Runs a command with its substitutions. The output has both streams in the order in which they come, as on a terminal, and the names that the
    /// substitutions replaced.
    /// </summary>
    public async Task<(int ExitCode, string Output)> RunAsync(string command)
    {
        foreach (var substitution in DocumentedCommands.Substitutions) command = substitution.Pattern.Replace(command, substitution.Actual(registry));
        string[] run = ["bash", "-euo", "pipefail", "-c", $"exec 2>&1\n{command}"];
        if (command.Contains("/nix/store", StringComparison.Ordinal)) run = ["bash", Seeds.Script("with-store.sh"), _directory["work/store"], .. run];
        var result = await Testing.Tool.RunAsync(run[0], run[1..], directory: _directory["work"], environment: await EnvironmentAsync(command));
        return (result.ExitCode, result.StandardOutput
            .Replace($"{registry.Host}/library/debian", "docker.io/library/debian", StringComparison.Ordinal)
            .Replace(registry.Host, "registry.example.org", StringComparison.Ordinal)
            .Replace(_directory["home"], "/home/you", StringComparison.Ordinal)
            .Replace(_directory["work"], "/home/you/work", StringComparison.Ordinal));
    }

    private async Task<Dictionary<string, string?>> EnvironmentAsync(string command)
    {
        var environment = Unset.ToDictionary(name => name, _ => (string?)null);
        environment["HOME"] = _directory["home"];
        environment["DOTNET_CLI_HOME"] = _directory["home"];
        environment["DOTNET_NOLOGO"] = "1";
        environment["PATH"] = $"{Path.GetDirectoryName(tool.Command)}:{Environment.GetEnvironmentVariable("PATH")}";
        environment["TZ"] = "UTC";
        environment["LC_ALL"] = "C.UTF-8";
        // A daemon takes seconds to start.
        if (Docker.IsMatch(command)) environment["DOCKER_HOST"] = await docker.HostAsync();
        return environment;
    }

    [GeneratedRegex(@"(^|[|;] )docker ")]
    private static partial Regex Docker { get; }
}
