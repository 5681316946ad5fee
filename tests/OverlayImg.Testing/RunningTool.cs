using System.Text;
using CliWrap;

namespace OverlayImg.Testing;

/// <summary>
/// An external program that a test observes while it runs, and can end by a signal. Its standard input stays open and
/// has no data. Disposing kills the program with all its children.
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

    private RunningTool(
        string program, string[] arguments, string? directory, IReadOnlyDictionary<string, string?>? environment, Action<string>? said)
    {
        var lines = PipeTarget.ToDelegate(line => AddLine(line, said), Encoding.UTF8);
        var execution = Tool.CommandOf(program, arguments, directory, environment)
            .WithStandardInputPipe(PipeSource.Create(async (_, token) => await Task.Delay(Timeout.Infinite, token)))
            .WithStandardOutputPipe(PipeTarget.Merge(PipeTarget.ToStream(_output), lines))
            .WithStandardErrorPipe(PipeTarget.Merge(PipeTarget.ToStringBuilder(_errors, Encoding.UTF8), lines))
            .ExecuteAsync(_kill.Token);
        Id = execution.ProcessId;
        Ended = WaitAsync(execution, $"{program} {string.Join(' ', arguments)}");
    }

    /// <summary>The process ID.</summary>
    public int Id { get; }

    /// <summary>The program's result, available when the program has ended and all of its output has been read.</summary>
    public Task<ToolResult> Ended { get; }

    /// <summary>Starts <paramref name="program"/>.</summary>
    /// <param name="directory">The working directory; null for the tests' own.</param>
    /// <param name="environment">Variables to set; a variable with the value null is removed.</param>
    /// <param name="said">Receives each line of standard output and standard error.</param>
    public static RunningTool Start(string program, IEnumerable<string> arguments, string? directory = null,
        IReadOnlyDictionary<string, string?>? environment = null, Action<string>? said = null) =>
        new(program, [.. arguments], directory, environment, said);

    /// <summary>Waits for a line on standard output or standard error.</summary>
    /// <exception cref="InvalidOperationException">The program ended without such a line.</exception>
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

    /// <summary>Sends a signal to the program, but not to its children.</summary>
    /// <param name="name">Name of the signal without SIG.</param>
    public async Task SignalAsync(string name) => (await Tool.RunAsync("kill", ["-s", name, $"{Id}"])).Succeeded();

    /// <summary>Kills the program with all its children, and waits until it has ended.</summary>
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

    private void AddLine(string line, Action<string>? said)
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
        // 128 + 9, the exit status of a process that was killed by SIGKILL.
        var exitCode = 137;
        try
        {
            exitCode = (await execution).ExitCode;
        }
        catch (OperationCanceledException)
        {
            // The test has killed the program.
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
        foreach (var (_, line) in _waiting)
            line.TrySetException(new InvalidOperationException($"The program ended. It said:\n{string.Join('\n', _lines)}"));
    }
}
