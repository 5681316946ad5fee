using System.Text;
using CliWrap;

namespace OverlayImg.Testing;

/// <summary>
/// An outside program that a test watches while it runs, and ends by a signal. Its standard input stays open and gives nothing. Disposing of it kills it with
/// all its children.
/// </summary>
public sealed class RunningTool : IAsyncDisposable
{
    private readonly CancellationTokenSource _kill = new();
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly StringBuilder _errors = new();
    private readonly MemoryStream _output = new();
    private readonly List<(Func<string, bool> IsIt, TaskCompletionSource<string> Line)> _waiting = [];
    private bool _isOver;

    private RunningTool(string program, string[] arguments, string? directory, IReadOnlyDictionary<string, string?>? environment, Action<string>? said)
    {
        var lines = PipeTarget.ToDelegate(line => Hear(line, said), Encoding.UTF8);
        var execution = Tool.CommandOf(program, arguments, directory, environment)
            .WithStandardInputPipe(PipeSource.Create(async (_, token) => await Task.Delay(Timeout.Infinite, token)))
            .WithStandardOutputPipe(PipeTarget.Merge(PipeTarget.ToStream(_output), lines))
            .WithStandardErrorPipe(PipeTarget.Merge(PipeTarget.ToStringBuilder(_errors, Encoding.UTF8), lines))
            .ExecuteAsync(_kill.Token);
        Id = execution.ProcessId;
        Ended = WaitAsync(execution, $"{program} {string.Join(' ', arguments)}");
    }

    /// <summary>Identity of the process.</summary>
    public int Id { get; }

    /// <summary>What the program did, once it has ended and everything that it said has been read.</summary>
    public Task<ToolResult> Ended { get; }

    /// <summary>Starts <paramref name="program"/>.</summary>
    /// <param name="program">Its name or path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="directory">Its current directory; null for that of the tests.</param>
    /// <param name="environment">Variables to set, or to remove where the value is null.</param>
    /// <param name="said">Gets each line of both streams.</param>
    public static RunningTool Start(string program, IEnumerable<string> arguments, string? directory = null,
        IReadOnlyDictionary<string, string?>? environment = null, Action<string>? said = null) =>
        new(program, [.. arguments], directory, environment, said);

    /// <summary>Waits for a line that the program says on either stream.</summary>
    /// <exception cref="InvalidOperationException">The program ended without it.</exception>
    public Task<string> LineAsync(Func<string, bool> isIt, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_lines.Find(line => isIt(line)) is { } said) return Task.FromResult(said);
            var waiting = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((isIt, waiting));
            if (_isOver) GiveUp();
            return waiting.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Sends a signal to the program alone.</summary>
    /// <param name="name">Its name without SIG.</param>
    public async Task SignalAsync(string name) => (await Tool.RunAsync("kill", ["-s", name, $"{Id}"])).Succeeded();

    /// <summary>Kills the program with all its children, and waits for its end.</summary>
    public async Task KillAsync()
    {
        await _kill.CancelAsync();
        await Ended;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _kill.Dispose();
        await _output.DisposeAsync();
    }

    private void Hear(string line, Action<string>? said)
    {
        said?.Invoke(line);
        lock (_lock)
        {
            _lines.Add(line);
            foreach (var waiting in _waiting.Where(waiting => waiting.IsIt(line))) waiting.Line.TrySetResult(line);
        }
    }

    private async Task<ToolResult> WaitAsync(CommandTask<CommandResult> execution, string commandLine)
    {
        // 128 + 9, as every exit status of a killed program.
        var exitCode = 137;
        try
        {
            exitCode = (await execution).ExitCode;
        }
        catch (OperationCanceledException)
        {
            // The test has killed it.
        }

        lock (_lock)
        {
            _isOver = true;
            GiveUp();
        }

        return new(commandLine, exitCode, _output.ToArray(), _errors.ToString());
    }

    private void GiveUp()
    {
        foreach (var (_, line) in _waiting) line.TrySetException(new InvalidOperationException($"The program ended. It said:\n{string.Join('\n', _lines)}"));
    }
}
