using System.Text;
using OverlayImg.FileSystems;
using Spectre.Console;

namespace OverlayImg.Cli.Reporting;

/// <summary>
/// Text output on stdout. A pipe gets the text unchanged. On a terminal, characters that could move the cursor or reverse the direction of text are
/// escaped, because the text contains names from images.
/// </summary>
internal sealed class Listing : IDisposable
{
    /// <summary>The number of columns of a pipe. Its end is often a terminal of 80 columns.</summary>
    public const int PipeWidth = 80;

    private const int Piece = 64 << 10;

    private readonly bool _isTerminal = !Console.IsOutputRedirected;
    private readonly bool _isColoured = !Console.IsOutputRedirected && !IsDumb
        && AnsiConsole.Profile.Capabilities.ColorSystem != ColorSystem.NoColors;
    private readonly FileOutputStream _output = FileOutputStream.StandardOutput();
    private readonly StringBuilder _text = new();

    /// <summary>The number of columns: those of the terminal, or <see cref="PipeWidth"/>, so that a listing is the same text in every pipe.</summary>
    public int Width => _isTerminal ? Math.Max(AnsiConsole.Profile.Width, 1) : PipeWidth;

    /// <summary>Whether stdout is a terminal that shows block characters. A pipe and a dumb terminal get ASCII.</summary>
    public bool HasBlocks => _isTerminal && AnsiConsole.Profile.Capabilities.Unicode && !IsDumb;

    // The library writes no colours to a dumb terminal, but still reports that the terminal has colours.
    private static bool IsDumb => Environment.GetEnvironmentVariable("TERM") == "dumb";

    /// <summary>Prints a single text.</summary>
    /// <exception cref="ClosedPipeException">The reader of stdout has closed the pipe.</exception>
    /// <exception cref="MachineException">Stdout can't be written.</exception>
    public static Task PrintAsync(string text)
    {
        using var listing = new Listing();
        listing.Add(text);
        listing.Flush();
        return Task.CompletedTask;
    }

    /// <summary>Adds text to the buffer, and writes the buffer once it is large.</summary>
    public void Add(string text)
    {
        _text.Append(_isTerminal ? DisplayName.OfMessage(text) : text);
        if (_text.Length >= Piece) Flush();
    }

    /// <summary>Adds text and a newline.</summary>
    public void AddLine(string text = "") => Add(text + "\n");

    /// <summary>Adds text in a colour or in bold. A pipe, or a terminal without colours, gets plain text.</summary>
    /// <param name="text">The text without control sequences.</param>
    /// <param name="style">A parameter of SGR (ECMA-48): 1 for bold, 31 for red.</param>
    public void AddStyled(string text, int style)
    {
        var hasColour = _isColoured && text.Length > 0;
        if (hasColour) _text.Append("\e[").Append(style).Append('m');
        Add(text);
        if (hasColour) _text.Append("\e[0m");
    }

    /// <summary>Writes the buffered text to stdout.</summary>
    /// <exception cref="ClosedPipeException">The reader of stdout has closed the pipe.</exception>
    /// <exception cref="MachineException">Stdout can't be written.</exception>
    public void Flush()
    {
        _output.Write(Encoding.UTF8.GetBytes(_text.ToString()));
        _text.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();
}
