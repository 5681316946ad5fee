using OverlayImg.Cli.Terminals;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Cli.Reporting;

/// <summary>
/// The reporter for pipes, logs and terminals that take only lines: plain lines without control sequences. A pipe gets the output of scripts byte
/// for byte. A terminal gets it without control sequences, because the output is not trusted.
/// </summary>
/// <param name="isTerminal">Whether stderr is a terminal.</param>
internal sealed class PlainReporter(bool isTerminal) : Reporter
{
    private readonly ScriptText _script = new();
    private readonly Stream _output = Console.OpenStandardError();
    private bool _insideLine;

    /// <inheritdoc/>
    protected override void Show(BuildEvent value)
    {
        switch (value)
        {
            case ScriptOutput { Bytes: var bytes } when isTerminal:
                foreach (var line in _script.Add(bytes.Span)) Console.Error.WriteLine(line);
                break;
            case ScriptOutput { Bytes: var bytes } when !bytes.IsEmpty:
                _output.Write(bytes.Span);
                _insideLine = bytes.Span[^1] != '\n';
                break;
            case StepStarted { Text: var text }:
                ShowLine(text);
                break;
            case Notice { Text: var text }:
                ShowLine($"notice: {text}");
                break;
            case Warning { Text: var text }:
                ShowLine($"warning: {text}");
                break;
        }
    }

    /// <inheritdoc/>
    protected override void ShowLine(string text)
    {
        EndLine();
        Console.Error.WriteLine(text);
    }

    /// <inheritdoc/>
    protected override void ShowError(string text)
    {
        EndLine();
        base.ShowError(text);
    }

    /// <inheritdoc/>
    protected override void End(bool failed)
    {
        if (_script.IsInsideLine) EndLine();
    }

    private void EndLine()
    {
        if (_script.IsInsideLine) Console.Error.WriteLine(_script.EndLine());
        if (_insideLine) Console.Error.WriteLine();
        _insideLine = false;
    }
}
