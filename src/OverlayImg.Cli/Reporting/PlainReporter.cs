using OverlayImg.Images.Sessions;

namespace OverlayImg.Cli.Reporting;

/// <summary>The reporter for pipes and logs: plain lines without control sequences, and the output of scripts byte for byte.</summary>
internal sealed class PlainReporter : Reporter
{
    private readonly Stream _output = Console.OpenStandardError();
    private bool _insideLine;

    /// <inheritdoc/>
    protected override void Show(BuildEvent value)
    {
        switch (value)
        {
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
        if (_insideLine) Console.Error.WriteLine();
        _insideLine = false;
        Console.Error.WriteLine(text);
    }

    /// <inheritdoc/>
    protected override void ShowError(string text)
    {
        if (_insideLine) Console.Error.WriteLine();
        _insideLine = false;
        base.ShowError(text);
    }
}
