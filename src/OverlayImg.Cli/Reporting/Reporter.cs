using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Options;
using OverlayImg.FileSystems;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Checks;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Cli.Reporting;

/// <summary>Shows on stderr what a build tells. Thread-safe: builds report from wherever they are.</summary>
internal abstract class Reporter : IProgress<BuildEvent>, IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<string> _warnings = [];

    /// <summary>Whether script output was shown while it came, so that an error need not repeat it.</summary>
    private bool _outputShown;

    /// <summary>The warnings and notices so far, for <c>--json</c>.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Whether details are wanted.</summary>
    public bool Verbose { get; private init; }

    private OptionNames Names { get; init; } = new(null);

    /// <summary>The reporter for this terminal or pipe.</summary>
    /// <param name="quiet">Whether only errors are shown.</param>
    /// <param name="verbose">Whether details are wanted.</param>
    /// <param name="names">Names the options in notices and warnings.</param>
    public static Reporter Create(bool quiet, bool verbose, OptionNames names) =>
        quiet ? new QuietReporter { Names = names }
            : Console.IsErrorRedirected ? new PlainReporter { Verbose = verbose, Names = names }
            : new TerminalReporter { Verbose = verbose, Names = names };

    /// <inheritdoc/>
    public void Report(BuildEvent value)
    {
        value = Completed(value);
        if (value is Warning { Text: var text }) lock (_lock) _warnings.Add(text);
        if (value is Notice { Text: var notice }) lock (_lock) _warnings.Add(notice);
        if (value is ScriptOutput) _outputShown = ShowsOutput;
        Guarded(() => Show(Printable(value)));
    }

    /// <summary>Shows a line of a result for people.</summary>
    public void Line(string text) => Guarded(() => ShowLine(Printable(text)));

    /// <summary>Shows a failure: its sentences, a script's last lines unless they were seen already, and the trace where details are wanted.</summary>
    public void Error(Failure failure)
    {
        Guarded(Finish);
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

    // The one place that every message passes. What follows a line's end is indented: a name with a line's end in it can't pretend to be a message.
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

    private void Guarded(Action show)
    {
        lock (_lock)
        {
            try
            {
                show();
            }
            catch (IOException)
            {
                // Stderr is full or closed. Nobody can be told, and the work is none the worse.
                return;
            }
        }
    }

    /// <summary>Ends whatever is being drawn.</summary>
    public virtual void Finish()
    {
    }

    /// <inheritdoc/>
    public void Dispose() => Guarded(Finish);

    /// <summary>Whether this reporter shows lines of a result.</summary>
    public virtual bool ShowsLines => true;

    /// <summary>Whether this reporter shows what scripts write.</summary>
    protected virtual bool ShowsOutput => true;

    /// <summary>Shows an event; called under the lock.</summary>
    protected abstract void Show(BuildEvent value);

    /// <summary>Shows a line; called under the lock.</summary>
    protected abstract void ShowLine(string text);

    /// <summary>Shows an error; called under the lock.</summary>
    protected virtual void ShowError(string text) => Console.Error.WriteLine($"overlayimg: {text}");
}
