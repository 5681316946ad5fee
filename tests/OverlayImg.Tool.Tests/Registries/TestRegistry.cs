using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>Debian's docker-registry, for one test class: on a free port of the loopback device, with what it keeps in a directory of its own.</summary>
public sealed partial class TestRegistry : IAsyncDisposable
{
    private const string Mark = "/v2/?marker=";

    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new();
    private RunningTool? _program;
    private int _marks;

    private TestRegistry()
    {
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; private set; }

    /// <summary>What images of it are named by.</summary>
    public string Host => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Starts one.</summary>
    /// <param name="http">More of the section <c>http</c> of its configuration, each line indented by two spaces.</param>
    /// <param name="rest">More sections.</param>
    public static async Task<TestRegistry> StartAsync(string http = "", string rest = "")
    {
        var registry = new TestRegistry();
        await File.WriteAllTextAsync(registry._directory["config.yml"], $"""
            version: 0.1
            log:
              level: info
            storage:
              filesystem:
                rootdirectory: {registry._directory["data"]}
            http:
              addr: 127.0.0.1:0
              secret: of-the-tests
            {http}
            {rest}
            """);
        registry._program = RunningTool.Start("docker-registry", ["serve", registry._directory["config.yml"]], said: registry.Hear);
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var listening = await registry._program.LineAsync(line => Listening.IsMatch(line), patience.Token);
            registry.Port = int.Parse(Listening.Match(listening).Groups[1].Value, CultureInfo.InvariantCulture);
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }

        return registry;
    }

    /// <summary>The requests that <paramref name="action"/> makes, of a registry that nobody else uses meanwhile, in order: <c>GET /v2/name/blobs/sha256:... 200</c>.</summary>
    public async Task<IReadOnlyList<string>> RequestsOfAsync(Func<Task> action)
    {
        await MarkAsync();
        var before = _requests.Count;
        await action();
        await MarkAsync();
        return [.. _requests.Skip(before).Where(request => !request.Contains(Mark, StringComparison.Ordinal))];
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null) await _program.DisposeAsync();
        _directory.Dispose();
    }

    // What the registry says of a request comes by a pipe, some time after the answer. When it has told of this one, it has told of all before.
    private async Task MarkAsync()
    {
        var mark = string.Create(CultureInfo.InvariantCulture, $"{Mark}{Interlocked.Increment(ref _marks)}");
        var told = _awaited[mark] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var client = new HttpClient();
        (await client.GetAsync(new Uri($"http://{Host}{mark}"))).Dispose();
        await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private void Hear(string line)
    {
        if (Request.Match(line) is not { Success: true } request) return;
        _requests.Enqueue($"{request.Groups[1].Value} {request.Groups[2].Value} {request.Groups[3].Value}");
        if (_awaited.TryRemove(request.Groups[2].Value, out var told)) told.SetResult();
    }

    [GeneratedRegex(@"listening on 127\.0\.0\.1:([0-9]+)")]
    private static partial Regex Listening { get; }

    // As Apache logs.
    [GeneratedRegex(@"^[0-9.]+ - .*""([A-Z]+) (\S+) HTTP/[0-9.]+"" ([0-9]+) ")]
    private static partial Regex Request { get; }
}
