using System.Text;

namespace OverlayImg.Cli.Terminals;

/// <summary>One line of a terminal: pieces of text, each with a style.</summary>
internal sealed class StyledLine
{
    private readonly StringBuilder _sequence = new();

    /// <summary>The number of columns of the line.</summary>
    public int Width { get; private set; }

    /// <summary>Adds text without control characters.</summary>
    public StyledLine Add(string text, TextStyle style = TextStyle.Plain)
    {
        if (text.Length == 0) return this;
        Width += DisplayWidth.Of(text);
        if (style == TextStyle.Plain) _sequence.Append(text);
        else _sequence.Append("\e[").Append((int)style).Append('m').Append(text).Append("\e[0m");
        return this;
    }

    /// <summary>Adds spaces, so that the text that follows begins in a column, or directly after the text before.</summary>
    /// <param name="column">The column, counted from 0.</param>
    public StyledLine PadTo(int column) => Add(new string(' ', Math.Max(0, column - Width)));

    /// <summary>The text with the sequences for its styles.</summary>
    public override string ToString() => _sequence.ToString();
}
