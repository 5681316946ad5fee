using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>
/// A process of Debian's docker-registry, at a free port of the loopback interface and with a temporary data directory.
/// </summary>
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

    /// <summary>Port at which the registry listens.</summary>
    public int Port { get; private set; }

    /// <summary>Host and port in references to images of this registry.</summary>
    public string Host => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Starts a registry.</summary>
    /// <param name="http">Additional lines of the configuration section <c>http</c>, indented by two spaces.</param>
    /// <param name="rest">Additional configuration sections.</param>
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
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var listening = await registry._program.LineAsync(line => Listening.IsMatch(line), timeout.Token);
            registry.Port = int.Parse(Listening.Match(listening).Groups[1].Value, CultureInfo.InvariantCulture);
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }

        return registry;
    }

    /// <summary>
    /// Returns the requests that <paramref name="action"/> makes, in order and in the form
    /// <c>GET /v2/name/blobs/sha256:... 200</c>. No other test may use the registry at the same time.
    /// </summary>
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

    // The registry writes the log line of a request to a pipe, some time after the response. When the line of the marker request
    // arrives, the lines of all earlier requests have arrived.
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

    // A line of the access log in the format of Apache.
    [GeneratedRegex(@"^[0-9.]+ - .*""([A-Z]+) (\S+) HTTP/[0-9.]+"" ([0-9]+) ")]
    private static partial Regex Request { get; }
}
