using OverlayImg.Builders;
using OverlayImg.Sandbox;

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

    /// <summary>The reporter for this terminal or pipe.</summary>
    public static Reporter Create(bool quiet, bool verbose) =>
        quiet ? new QuietReporter()
            : Console.IsErrorRedirected ? new PlainReporter { Verbose = verbose }
            : new TerminalReporter { Verbose = verbose };

    /// <inheritdoc/>
    public void Report(BuildEvent value)
    {
        lock (_lock)
        {
            if (value is Warning { Text: var text }) _warnings.Add(text);
            if (value is Notice { Text: var notice }) _warnings.Add(notice);
            if (value is ScriptOutput) _outputShown = ShowsOutput;
            Show(value);
        }
    }

    /// <summary>Shows a line of a result for people.</summary>
    public void Line(string text)
    {
        lock (_lock) ShowLine(text);
    }

    /// <summary>Shows an error: its sentence, and a script's last lines unless they were seen already.</summary>
    public void Error(OverlayImgException exception)
    {
        Finish();
        if (exception is ScriptException { Result.LastLines: { Count: > 0 } lines } && !_outputShown)
        {
            lock (_lock)
            {
                ShowError("The script's last lines:");
                foreach (var line in lines) ShowError("  " + line);
            }
        }

        if (exception is IrreproducibleException { Differences: var differences })
        {
            lock (_lock)
            {
                foreach (var difference in differences) ShowError(PathDifferenceText.Line(difference));
            }
        }

        Error(exception.Describe());
        if (Verbose && exception.InnerException is { } inner) Error(inner.ToString());
    }

    /// <summary>Shows an error.</summary>
    public void Error(string text)
    {
        Finish();
        lock (_lock) ShowError(text);
    }

    /// <summary>Ends whatever is being drawn.</summary>
    public virtual void Finish()
    {
    }

    /// <inheritdoc/>
    public void Dispose() => Finish();

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
