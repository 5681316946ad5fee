using System.Text;
using OverlayImg.FileSystems;
using Spectre.Console;

namespace OverlayImg.Cli.Reporting;

/// <summary>
/// A listing on stdout, which is what was asked for. A pipe gets the text as it is. On a terminal characters that could move the cursor or turn the direction of
/// writing around are escaped, since the text has names from images.
/// </summary>
internal sealed class Listing : IDisposable
{
    private const int Piece = 64 << 10;

    private readonly bool _isTerminal = !Console.IsOutputRedirected;
    private readonly bool _isColoured = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.ColorSystem != ColorSystem.NoColors;
    private readonly FileOutputStream _output = FileOutputStream.StandardOutput();
    private readonly StringBuilder _text = new();

    /// <summary>Prints a text alone.</summary>
    /// <exception cref="ClosedPipeException">Nobody reads stdout any more.</exception>
    /// <exception cref="MachineException">Stdout can't be written.</exception>
    public static Task PrintAsync(string text)
    {
        using var listing = new Listing();
        listing.Add(text);
        listing.Flush();
        return Task.CompletedTask;
    }

    /// <summary>Adds text.</summary>
    public void Add(string text)
    {
        _text.Append(_isTerminal ? DisplayName.OfMessage(text) : text);
        if (_text.Length >= Piece) Flush();
    }

    /// <summary>Adds text and the end of a line.</summary>
    public void AddLine(string text = "") => Add(text + "\n");

    /// <summary>Adds text in a colour or in bold where stdout shows that.</summary>
    /// <param name="text">The text.</param>
    /// <param name="style">The number of the style in ECMA-48's SGR: 1 for bold, 31 for red.</param>
    public void AddStyled(string text, int style)
    {
        if (_isColoured) _text.Append("\e[").Append(style).Append('m');
        Add(text);
        if (_isColoured) _text.Append("\e[0m");
    }

    /// <summary>Writes what was added.</summary>
    /// <exception cref="ClosedPipeException">Nobody reads stdout any more.</exception>
    /// <exception cref="MachineException">Stdout can't be written.</exception>
    public void Flush()
    {
        _output.Write(Encoding.UTF8.GetBytes(_text.ToString()));
        _text.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();
}
