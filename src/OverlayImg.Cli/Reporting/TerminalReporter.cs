using System.Text;
using OverlayImg.Images.Sessions;
using Spectre.Console;

namespace OverlayImg.Cli.Reporting;

/// <summary>The reporter for a terminal, with colours and progress bars. Bars are removed before the output of a script is printed.</summary>
internal sealed class TerminalReporter : Reporter
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    private readonly TerminalText _scriptText = new();
    private ProgressBars? _bars;
    private bool _insideLine;

    /// <inheritdoc/>
    public override void Finish()
    {
        _bars?.Dispose();
        _bars = null;
    }

    /// <inheritdoc/>
    protected override void Show(BuildEvent value)
    {
        switch (value)
        {
            case StepProgress progress:
                _bars ??= new(_console);
                _bars.Show(progress);
                break;
            case ScriptOutput { Bytes: var bytes }:
                Finish();
                var output = _scriptText.Filter(bytes.Span);
                Console.Error.Write(output);
                if (output.Length > 0) _insideLine = output[^1] != '\n';
                break;
            case StepStarted { Text: var text }:
                MarkupLine($"[grey]{Markup.Escape(text)}[/]");
                break;
            case Notice { Text: var text }:
                MarkupLine($"[blue]notice:[/] {Markup.Escape(text)}");
                break;
            case Warning { Text: var text }:
                MarkupLine($"[yellow]warning:[/] {Markup.Escape(text)}");
                break;
        }
    }

    /// <inheritdoc/>
    protected override void ShowLine(string text) => MarkupLine(Markup.Escape(text));

    /// <inheritdoc/>
    protected override void ShowError(string text) => MarkupLine($"[red]overlayimg:[/] {Markup.Escape(text)}");

    private void MarkupLine(string markup)
    {
        Finish();
        if (_insideLine) _console.WriteLine();
        _insideLine = false;
        _console.MarkupLine(markup);
    }

    /// <summary>
    /// Filters a script's output for a terminal. The output is not trusted: escape sequences and other control characters are removed,
    /// so that it can't rename the window, overwrite messages of the tool, or make the terminal type input.
    /// </summary>
    private sealed class TerminalText
    {
        // Embeddings, overrides and isolates of the Unicode Bidirectional Algorithm, which reverse the direction of text.
        private static bool IsBidirectional(char character) => character is >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069';

        private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

        public string Filter(ReadOnlySpan<byte> bytes)
        {
            var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
            var count = _decoder.GetChars(bytes, characters, flush: false);
            return string.Concat(characters.Take(count).Where(
                character => character is '\n' or '\t' or '\r' || !(char.IsControl(character) || IsBidirectional(character))));
        }
    }
}
