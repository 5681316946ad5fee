using System.Text;

namespace OverlayImg.Cli.Terminals;

/// <summary>
/// The last lines of a terminal, which are drawn again and again below the lines that stay. Each drawing is one write, which hides the cursor
/// at its begin and shows the cursor at its end: whatever ends the process, the terminal has its cursor.
/// </summary>
/// <param name="output">Receives text and control sequences, and is flushed after each drawing.</param>
/// <param name="size">Returns the terminal's size.</param>
internal sealed class LiveArea(TextWriter output, Func<ScreenSize> size)
{
    private List<StyledLine> _drawn = [];

    /// <summary>Replaces the area by <paramref name="staying"/>, which are never touched again, and draws the area below them.</summary>
    /// <param name="staying">Lines that stay. The terminal wraps lines that are wider.</param>
    /// <param name="live">The new lines of the area, narrower than the terminal.</param>
    public void Draw(IReadOnlyList<StyledLine> staying, IReadOnlyList<StyledLine> live)
    {
        var (columns, rows) = size();
        // The cursor stands below the area. A row above the screen can't be reached again, so an area is never as high as the screen.
        List<StyledLine> shown = [.. live.Skip(Math.Max(0, live.Count - (rows - 1)))];
        if (staying.Count == 0 && shown.Select(line => line.ToString()).SequenceEqual(_drawn.Select(line => line.ToString()))) return;
        var text = new StringBuilder("\e[?25l\r");
        // A terminal that became narrower has wrapped the lines of the last drawing.
        var above = _drawn.Sum(line => Math.Max(1, (line.Width + columns - 1) / columns));
        if (above > 0) text.Append("\e[").Append(Math.Min(above, rows - 1)).Append('A');
        foreach (var line in staying.Concat(shown))
        {
            text.Append(line);
            // After a character in the last column, this sequence would erase that character.
            if (line.Width == 0 || line.Width % columns != 0) text.Append("\e[K");
            text.Append('\n');
        }

        // tmux keeps a screen that is erased from its first row in its history, so the rows are erased from the end of the area on.
        text.Append("\e[J");
        _drawn = shown;
        output.Write(text.Append("\e[?25h").ToString());
        output.Flush();
    }

    /// <summary>Forgets the last drawing, because something else was written below it.</summary>
    public void Forget() => _drawn = [];
}
