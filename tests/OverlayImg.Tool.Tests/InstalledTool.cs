using OverlayImg.Testing;

[assembly: AssemblyFixture(typeof(OverlayImg.Tool.Tests.InstalledTool))]

namespace OverlayImg.Tool.Tests;

/// <summary>The tool, installed from its package into a folder of its own, with a home and a cache of its own.</summary>
public sealed class InstalledTool : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private ToolResult? _firstRun;

    /// <summary>The command that a user runs.</summary>
    public string Command => _directory["tools/overlayimg"];

    /// <summary>The cache that the tests share.</summary>
    public string Cache => _directory["cache"];

    /// <summary>The real base image, made by tools/demo-base: a Debian in two layers.</summary>
    public static string DebianBase => Required("OVERLAYIMG_TEST_BASE");

    public async ValueTask InitializeAsync()
    {
        var package = Required("OVERLAYIMG_TEST_PACKAGE");
        var version = Path.GetFileNameWithoutExtension(package)["overlayimg.".Length..];
        (await Testing.Tool.RunAsync("dotnet",
            ["tool", "install", "overlayimg", "--version", version, "--tool-path", _directory["tools"],
                "--source", Path.GetDirectoryName(package)!, "--no-http-cache"])).Succeeded();
        // For tests that run it as somebody else than root.
        File.SetUnixFileMode(_directory.Path, File.GetUnixFileMode(_directory.Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        // Before any test, so that no two of them find out at once what a first run finds out, and so that there is something to seed caches with.
        using var script = new MemoryStream("true"u8.ToArray());
        _firstRun = await RunAsync(["root-layer", "--run-as-root", "-", "-o", _directory["first-layer"]], script);
        if (_firstRun.ExitCode == 0) await Testing.Tool.BashAsync("mkdir seed; cp -a cache/accelerator cache/snapshots seed/", _directory.Path);
    }

    /// <summary>Gives a test a cache of its own that knows what the first run found out: which accelerator works, and a guest to start from. Without it the
    /// test would boot guests the slow way; but what is to be seen of a first run needs a cache that is empty.</summary>
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

    /// <summary>Runs the tool as a user would, without the guest image that the tests of lower floors use.</summary>
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

    /// <summary>Runs the tool where a directory is <c>/nix/store</c>.</summary>
    public Task<ToolResult> RunInStoreAsync(string store, IEnumerable<string> arguments) => Testing.Tool.RunAsync(
        "bash", [Judges.Seeds.Script("with-store.sh"), store, Command, .. arguments],
        environment: new Dictionary<string, string?> { ["HOME"] = _directory.Path, ["OVERLAYIMG_CACHE_DIR"] = Cache });

    /// <summary>Runs the tool as nobody, who has no rights at all, in a directory that nobody may write to.</summary>
    public Task<ToolResult> RunAsNobodyAsync(string directory, params string[] arguments) =>
        Testing.Tool.RunAsync("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--", Command, .. arguments], directory: directory,
            environment: new Dictionary<string, string?> { ["HOME"] = directory, ["OVERLAYIMG_CACHE_DIR"] = Path.Combine(directory, "cache") },
            cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Runs a script by <c>root-layer</c>; gives what the tool did.</summary>
    public async Task<ToolResult> RootLayerAsync(string output, string script, params string[] arguments)
    {
        using var text = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(script));
        return await RunAsync(["root-layer", "--run-as-root", "-", "-o", output, .. arguments], text);
    }

    private static string Required(string variable) =>
        Environment.GetEnvironmentVariable(variable) ?? throw new InvalidOperationException($"${variable} is not set: run the tests by tools/test.");
}
