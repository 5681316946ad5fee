using OverlayImg.Testing;

[assembly: AssemblyFixture(typeof(OverlayImg.Tool.Tests.InstalledTool))]

namespace OverlayImg.Tool.Tests;

/// <summary>The tool, installed from its package into a temporary directory, with a separate home directory and cache.</summary>
public sealed class InstalledTool : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private ToolResult? _firstRun;

    /// <summary>Path of the installed command.</summary>
    public string Command => _directory["tools/overlayimg"];

    /// <summary>The cache that all tests share.</summary>
    public string Cache => _directory["cache"];

    /// <summary>Archive of the base image that tools/demo-base makes: Debian in two layers.</summary>
    public static string DebianBase => Required("OVERLAYIMG_TEST_BASE");

    public async ValueTask InitializeAsync()
    {
        var package = Required("OVERLAYIMG_TEST_PACKAGE");
        var version = Path.GetFileNameWithoutExtension(package)["overlayimg.".Length..];
        (await Testing.Tool.RunAsync("dotnet",
            ["tool", "install", "overlayimg", "--version", version, "--tool-path", _directory["tools"],
                "--source", Path.GetDirectoryName(package)!, "--no-http-cache"])).Succeeded();
        // Tests also run the tool as an unprivileged user.
        File.SetUnixFileMode(_directory.Path, File.GetUnixFileMode(_directory.Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        // The first run chooses the accelerator and makes a snapshot. Running it before all tests avoids that several tests do
        // this at once, and gives the files for SeedCacheAsync.
        using var script = new MemoryStream("true"u8.ToArray());
        _firstRun = await RunAsync(["root-layer", "--run-as-root", "-", "-o", _directory["first-layer"]], script);
        if (_firstRun.ExitCode == 0) await Testing.Tool.BashAsync("mkdir seed; cp -a cache/accelerator cache/snapshots seed/", _directory.Path);
    }

    /// <summary>
    /// Fills a test's own cache with the results of the first run: the accelerator and the snapshot of a guest. With an empty
    /// cache the test would boot a guest, which is slow. Tests of a first run need an empty cache.
    /// </summary>
    public Task SeedCacheAsync(string cache)
    {
        _firstRun!.Succeeded();
        return Testing.Tool.BashAsync($"mkdir -p '{cache}'; cp -a '{_directory["seed"]}/.' '{cache}/'");
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Runs the installed tool with its packaged guest image, not the guest image of the other test projects.</summary>
    public Task<ToolResult> RunAsync(
        IEnumerable<string> arguments, Stream? standardInput = null, string? directory = null,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        var variables = new Dictionary<string, string?>
        {
            ["HOME"] = _directory.Path,
            ["OVERLAYIMG_CACHE_DIR"] = Cache,
            ["OVERLAYIMG_GUEST_IMAGE"] = null
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>()) variables[name] = value;
        return Testing.Tool.RunAsync(Command, arguments, standardInput, directory, variables, TestContext.Current.CancellationToken);
    }

    /// <summary>Runs the tool in a mount namespace where <paramref name="store"/> is mounted at <c>/nix/store</c>.</summary>
    public Task<ToolResult> RunInStoreAsync(string store, IEnumerable<string> arguments) => Testing.Tool.RunAsync(
        "bash", [Judges.Seeds.Script("with-store.sh"), store, Command, .. arguments],
        environment: new Dictionary<string, string?> { ["HOME"] = _directory.Path, ["OVERLAYIMG_CACHE_DIR"] = Cache });

    /// <summary>Runs the tool as the unprivileged user <c>nobody</c>, in a directory that this user may write to.</summary>
    public Task<ToolResult> RunAsNobodyAsync(string directory, params string[] arguments) =>
        Testing.Tool.RunAsync(
            "setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--", Command, .. arguments], directory: directory,
            environment: new Dictionary<string, string?> { ["HOME"] = directory, ["OVERLAYIMG_CACHE_DIR"] = Path.Combine(directory, "cache") },
            cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Runs a script with <c>root-layer</c> and returns the result of the tool.</summary>
    public async Task<ToolResult> RootLayerAsync(string output, string script, params string[] arguments)
    {
        using var text = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(script));
        return await RunAsync(["root-layer", "--run-as-root", "-", "-o", output, .. arguments], text);
    }

    private static string Required(string variable) =>
        Environment.GetEnvironmentVariable(variable) ?? throw new InvalidOperationException($"${variable} is not set: run the tests by tools/test.");
}
