using System.Text;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Terminals;
using OverlayImg.FileSystems;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Checks;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Cli.Reporting;

/// <summary>Prints the events of a build to stderr. Thread-safe, because builds report from several threads.</summary>
internal abstract class Reporter : IProgress<BuildEvent>, IProgressDisplay, IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<string> _warnings = [];
    private readonly Queue<BuildEvent> _waiting = [];
    private bool _isSuspended;

    /// <summary>Whether the script's output was shown while the script ran, so that an error need not repeat its last lines.</summary>
    private bool _outputShown;

    /// <summary>The warnings and notices so far, for <c>--json</c>.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Whether <c>--verbose</c> is given.</summary>
    public bool Verbose { get; init; }

    private OptionNames Names { get; init; } = new(null);

    /// <summary>
    /// Creates the reporter that fits stderr: a terminal that can be drawn on, or anything else. Users ask for plain lines on a terminal by NO_COLOR.
    /// </summary>
    /// <param name="quiet">Whether only errors are shown.</param>
    /// <param name="verbose">Whether durations and stack traces are shown.</param>
    /// <param name="names">Adds the names of options to notices and warnings.</param>
    public static Reporter Create(bool quiet, bool verbose, OptionNames names) =>
        quiet ? new QuietReporter { Names = names }
            : Console.IsErrorRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Terminal is null or "" or "dumb"
                ? new PlainReporter(isTerminal: !Console.IsErrorRedirected) { Verbose = verbose, Names = names }
                : OnTerminal(verbose, names);

    private static string? Terminal => Environment.GetEnvironmentVariable("TERM");

    private static TerminalReporter OnTerminal(bool verbose, OptionNames names)
    {
        // A preamble of the encoding would be the first bytes of the output.
        var encoding = Console.OutputEncoding.CodePage == Encoding.UTF8.CodePage ? new UTF8Encoding(false) : Console.OutputEncoding;
        var output = new StreamWriter(Console.OpenStandardError(), encoding, bufferSize: 1 << 16);
        return new(output, ScreenSize.OfStandardError, StepSymbols.For(encoding, Terminal), TimeProvider.System)
        {
            Verbose = verbose,
            Names = names,
        };
    }

    /// <inheritdoc/>
    public void Report(BuildEvent value)
    {
        value = Completed(value);
        if (value is Warning { Text: var text }) lock (_lock) _warnings.Add(text);
        if (value is Notice { Text: var notice }) lock (_lock) _warnings.Add(notice);
        if (value is ScriptOutput) _outputShown = ShowsOutput;
        Guarded(() =>
        {
            if (!_isSuspended) Show(Printable(value));
            else if (value is not StepProgress) _waiting.Enqueue(value);
        });
    }

    /// <summary>Lets events wait while an interactive shell has the terminal. Progress in bytes is not shown later.</summary>
    public void Suspend() => Guarded(() =>
    {
        Finish();
        _isSuspended = true;
    });

    /// <summary>Shows the events that waited, and all later ones at once.</summary>
    public void Resume()
    {
        Guarded(() => _isSuspended = false);
        while (_waiting.TryDequeue(out var value)) Guarded(() => Show(Printable(value)));
    }

    /// <summary>Prints a line of a result for people.</summary>
    public void Line(string text) => Guarded(() => ShowLine(Printable(text)));

    /// <summary>
    /// Prints a failure: its message, the last lines of a failed script unless they were shown before, and with <c>--verbose</c> the stack trace.
    /// </summary>
    public void Error(Failure failure)
    {
        Guarded(() => End(failed: true));
        if (failure.Cause is ScriptException { Result.LastLines: { Count: > 0 } lines } && !_outputShown)
        {
            Error("The script's last lines:");
            foreach (var line in lines) Error("  " + line);
        }

        if (failure.Cause is IrreproducibleException { Differences: var differences })
            foreach (var difference in differences) Error(PathDifferenceText.Line(difference));
        if (failure.Message.Length > 0) Error(failure.Message);
        if (Verbose && failure.Message.Length > 0) Error(failure.Cause.ToString());
    }

    private void Error(string text) => Guarded(() => ShowError(Printable(text)));

    // Every message passes here. Continuation lines are indented, so that a file name with a newline can't fake a message of the tool.
    private static string Printable(string text) => DisplayName.OfMessage(text.ReplaceLineEndings("\n  "));

    private BuildEvent Completed(BuildEvent value) => value switch
    {
        Notice { Settings.Count: > 0 } notice => new Notice(Names.Complete(notice.Text, notice.Settings)),
        Warning { Settings.Count: > 0 } warning => new Warning(Names.Complete(warning.Text, warning.Settings)),
        _ => value,
    };

    private static BuildEvent Printable(BuildEvent value) => value switch
    {
        StepStarted step => step with { Text = Printable(step.Text) },
        StepProgress step => step with { Text = Printable(step.Text) },
        Notice notice => notice with { Text = Printable(notice.Text) },
        Warning warning => warning with { Text = Printable(warning.Text) },
        _ => value,
    };

    /// <summary>Prints something. Only one thread prints at a time.</summary>
    protected void Guarded(Action show)
    {
        lock (_lock)
        {
            try
            {
                show();
            }
            catch (IOException)
            {
                // Stderr is full or closed. The message is lost, which must not end the work.
                return;
            }
        }
    }

    /// <summary>Tells that the running steps are done, because the operation has its result.</summary>
    public void Finish() => Guarded(() => End(failed: false));

    /// <summary>Prints the end of a successful operation on a terminal: the time, the changes, and how the result is used.</summary>
    /// <param name="changes">The changes of a new layer; null if the operation made none.</param>
    /// <param name="next">The command that loads the result; null for none.</param>
    public void Closing(LayerChanges? changes, NextCommand? next) =>
        Guarded(() => ShowClosing(changes, next is null ? null : next with { Text = Printable(next.Text) }));

    /// <inheritdoc/>
    public virtual void Dispose() => Finish();

    /// <summary>Ends the drawing of running steps. The caller holds the lock.</summary>
    /// <param name="failed">Whether the operation failed at them.</param>
    protected virtual void End(bool failed)
    {
    }

    /// <summary>Prints the end of a successful operation. The caller holds the lock.</summary>
    protected virtual void ShowClosing(LayerChanges? changes, NextCommand? next)
    {
    }

    /// <summary>Whether this reporter prints lines of a result.</summary>
    public virtual bool ShowsLines => true;

    /// <summary>Whether this reporter prints the output of scripts.</summary>
    protected virtual bool ShowsOutput => true;

    /// <summary>Prints an event. The caller holds the lock.</summary>
    protected abstract void Show(BuildEvent value);

    /// <summary>Prints a line. The caller holds the lock.</summary>
    protected abstract void ShowLine(string text);

    /// <summary>Prints an error. The caller holds the lock.</summary>
    protected virtual void ShowError(string text) => Console.Error.WriteLine($"overlayimg: {text}");
}
