using OverlayImg.Cli.Options;
using OverlayImg.Cli.Terminals;

namespace OverlayImg.Cli.Reporting;

/// <summary>Draws steps as lines of a terminal: a symbol, the text, details, and the time at the right.</summary>
/// <param name="symbols">The symbols of the terminal.</param>
/// <param name="columns">The number of columns of the terminal.</param>
internal sealed class StepLines(StepSymbols symbols, int columns)
{
    // On a very wide terminal, the time would be far from its text.
    private const int MostColumns = 100;

    private const string Gap = "  ";
    private const int LongestBar = 24;
    private const int ShortestBar = 8;

    // Room for the details beside the text. With less room the details are below the text.
    private const int RoomBeside = 32;

    private static readonly TimeSpan SpinnerTime = TimeSpan.FromMilliseconds(100);

    // The last column stays free, because terminals differ in what they do after a character in that column.
    private readonly int _columns = Math.Clamp(columns - 1, 1, MostColumns);

    /// <summary>The lines of a step that runs.</summary>
    public IEnumerable<StyledLine> OfRunning(RunningStep step)
    {
        var time = ElapsedText.Format(step.Elapsed);
        var picture = symbols.Spinner[(int)(step.Elapsed / SpinnerTime % symbols.Spinner.Length)].ToString();
        var line = Begin(picture, TextStyle.Cyan, step.Text, time.Length);
        var room = _columns - time.Length - 2 * Gap.Length - line.Width;
        List<StyledLine> below = [];
        if (step.Total > 0)
        {
            var figures = string.Join(Gap, Figures(step));
            if (room >= Math.Max(RoomBeside, figures.Length))
                WithBar(line.Add(Gap), step, figures, room);
            else
                below = [.. FiguresBelow(step, figures)];
        }
        else if (step.LastLine.Length > 0)
        {
            if (room >= RoomBeside) line.Add(Gap).Add(DisplayWidth.Cut(step.LastLine, room, symbols.Cut), TextStyle.Dim);
            else below = [new StyledLine().Add(Gap).Add(DisplayWidth.Cut(step.LastLine, _columns - Gap.Length, symbols.Cut), TextStyle.Dim)];
        }

        yield return End(line, time);
        foreach (var other in below) yield return other;
    }

    /// <summary>The line of a step that has ended.</summary>
    public StyledLine OfEnded(RunningStep step, bool failed)
    {
        var time = ElapsedText.Format(step.Elapsed);
        var size = step.Done > 0 ? SizeText.Format(step.Done) : "";
        var line = Begin(failed ? symbols.Failed : symbols.Done, failed ? TextStyle.Red : TextStyle.Green, step.Text, time.Length);
        var column = _columns - time.Length - Gap.Length - size.Length;
        if (size.Length > 0 && line.Width + Gap.Length <= column) line.PadTo(column).Add(size, TextStyle.Dim);
        return End(line, time);
    }

    private StyledLine Begin(string symbol, TextStyle style, string text, int timeWidth)
    {
        var line = new StyledLine().Add(symbol, style).Add(" ");
        // A name of a file may have a line break, which would be a second line.
        var oneLine = text.Replace('\n', ' ').Replace('\t', ' ');
        return line.Add(DisplayWidth.Cut(oneLine, Math.Max(0, _columns - line.Width - Gap.Length - timeWidth), symbols.Cut));
    }

    private StyledLine End(StyledLine line, string time) => line.PadTo(_columns - time.Length).Add(time, TextStyle.Dim);

    private IEnumerable<StyledLine> FiguresBelow(RunningStep step, string figures)
    {
        var room = _columns - Gap.Length;
        if (figures.Length <= room)
        {
            yield return WithBar(new StyledLine().Add(Gap), step, figures, room);
            yield break;
        }

        // On a narrow terminal the figures take several lines, so that none of them is lost.
        var line = "";
        foreach (var figure in Figures(step))
        {
            if (line.Length > 0 && line.Length + Gap.Length + figure.Length > room)
            {
                yield return Below(line);
                line = "";
            }

            line += line.Length == 0 ? figure : Gap + figure;
        }

        yield return Below(line);

        StyledLine Below(string text) => new StyledLine().Add(Gap).Add(DisplayWidth.Cut(text, room, symbols.Cut), TextStyle.Dim);
    }

    private StyledLine WithBar(StyledLine line, RunningStep step, string figures, int room)
    {
        var cells = Math.Min(LongestBar, room - figures.Length - Gap.Length);
        if (cells < ShortestBar) return line.Add(figures, TextStyle.Dim);
        var full = (int)(cells * (double)step.Done / step.Total);
        return line.Add(new(symbols.Full, full), TextStyle.Cyan).Add(new(symbols.Empty, cells - full), TextStyle.Dim)
            .Add(Gap).Add(figures, TextStyle.Dim);
    }

    private static IEnumerable<string> Figures(RunningStep step)
    {
        yield return SizeText.FormatPart(step.Done, step.Total);
        if (step.Rate is { } rate) yield return $"{SizeText.Format((long)rate)}/s";
        if (step.TimeLeft is { } left) yield return $"{ElapsedText.FormatLeft(left)} left";
    }
}
