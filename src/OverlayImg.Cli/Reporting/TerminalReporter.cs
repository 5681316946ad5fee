using System.Runtime.InteropServices;
using OverlayImg.Cli.Terminals;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Cli.Reporting;

/// <summary>
/// The reporter for a terminal, with colours. Running steps are drawn at the bottom, ten times a second. A step that has ended becomes a line that
/// stays. The last line of a script's output is beside its step; with <c>--verbose</c> all lines stay.
/// </summary>
internal sealed class TerminalReporter : Reporter
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly LiveArea _area;
    private readonly Func<ScreenSize> _size;
    private readonly StepSymbols _symbols;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly List<RunningStep> _steps = [];
    private readonly PosixSignalRegistration _continued;
    private ScriptText _script = new();
    private ITimer? _timer;

    /// <summary>Creates the reporter.</summary>
    /// <param name="output">The terminal.</param>
    /// <param name="size">Returns the terminal's size.</param>
    /// <param name="symbols">The symbols that the terminal can show.</param>
    /// <param name="time">The clock.</param>
    public TerminalReporter(TextWriter output, Func<ScreenSize> size, StepSymbols symbols, TimeProvider time)
    {
        (_area, _size, _symbols, _time, _began) = (new(output, size), size, symbols, time, time.GetTimestamp());
        // While the tool was stopped, the shell wrote below the area.
        _continued = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Guarded(_area.Forget));
    }

    /// <inheritdoc/>
    protected override bool ShowsOutput => Verbose;

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _continued.Dispose();
    }

    /// <inheritdoc/>
    protected override void End(bool failed)
    {
        _timer?.Dispose();
        _timer = null;
        if (_steps.Count == 0) return;
        var ended = EndSteps(failed);
        _area.Draw(ended, []);
    }

    /// <inheritdoc/>
    protected override void Show(BuildEvent value)
    {
        switch (value)
        {
            case StepStarted step:
                var ended = step.Alongside ? [] : EndSteps(failed: false);
                _steps.Add(new(step.Text, _time));
                _timer ??= _time.CreateTimer(_ => Guarded(DrawAgain), null, Tick, Tick);
                Draw(ended);
                break;
            case StepProgress progress:
                _steps.Find(step => step.Text == progress.Text)?.Advance(progress.Done, progress.Total);
                break;
            case ScriptOutput { Bytes: var bytes }:
                var lines = _script.Add(bytes.Span);
                if (_steps.Count > 0) _steps[^1].LastLine = _script.LastLine;
                if (Verbose && lines.Count > 0) Draw([.. lines.Select(line => new StyledLine().Add(line))]);
                break;
            case Notice { Text: var text }:
                Draw(Message("notice:", TextStyle.Cyan, text));
                break;
            case Warning { Text: var text }:
                Draw(Message("warning:", TextStyle.Bold, text));
                break;
        }
    }

    /// <inheritdoc/>
    protected override void ShowLine(string text) => Draw(Wrapped(text));

    /// <inheritdoc/>
    protected override void ShowError(string text) => Draw(Message("overlayimg:", TextStyle.Red, text));

    /// <inheritdoc/>
    protected override void ShowClosing(LayerChanges? changes, NextCommand? next)
    {
        List<StyledLine> lines = [];
        if (changes is not null)
        {
            lines.Add(new StyledLine()
                .Add($"{changes.Added} added", changes.Added > 0 ? TextStyle.Green : TextStyle.Plain).Add($", {changes.Changed} changed, ")
                .Add($"{changes.Deleted} deleted", changes.Deleted > 0 ? TextStyle.Red : TextStyle.Plain));
        }

        lines.Add(new StyledLine().Add("total time: ").Add(ElapsedText.Format(_time.GetElapsedTime(_began)), TextStyle.Bold));
        if (next is not null) lines.Add(new StyledLine().Add($"{next.Purpose}: ").Add(next.Text, TextStyle.Bold));
        Draw(lines);
    }

    private List<StyledLine> EndSteps(bool failed)
    {
        List<StyledLine> lines = [];
        if (_script.IsInsideLine && _script.EndLine() is var line && Verbose) lines.Add(new StyledLine().Add(line));
        _script = new();
        // A step with all its bytes done did not fail: another step beside it did.
        lines.AddRange(_steps.Select(step => Lines().OfEnded(step, failed && (step.Total == 0 || step.Done < step.Total))));
        _steps.Clear();
        return lines;
    }

    private StepLines Lines() => new(_symbols, _size().Columns);

    private void DrawAgain()
    {
        // The last tick may arrive after the end.
        if (_timer is not null) Draw([]);
    }

    private void Draw(IReadOnlyList<StyledLine> staying)
    {
        var lines = Lines();
        _area.Draw(staying, [.. _steps.SelectMany(lines.OfRunning)]);
    }

    private List<StyledLine> Message(string kind, TextStyle style, string text)
    {
        List<StyledLine> lines = [];
        foreach (var line in DisplayWidth.Wrap($"{kind} {text}", _size().Columns))
        {
            lines.Add(lines.Count == 0 && line.StartsWith(kind, StringComparison.Ordinal)
                ? new StyledLine().Add(kind, style).Add(line[kind.Length..])
                : new StyledLine().Add(line));
        }

        return lines;
    }

    private IReadOnlyList<StyledLine> Wrapped(string text) =>
        [.. DisplayWidth.Wrap(text, _size().Columns).Select(line => new StyledLine().Add(line))];
}
