using System.Text;
using OverlayImg.FileSystems;

namespace OverlayImg.Cli.Terminals;

/// <summary>
/// Turns a script's output into lines that a terminal can show. The output is not trusted: control sequences are removed, and other control
/// characters are escaped, so that a script can't rename the window, overwrite messages of the tool, or make the terminal type input.
/// </summary>
internal sealed class ScriptText
{
    // A longer line counts as several.
    private const int LongestLine = 4096;
    private const int TabStops = 8;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _line = new();
    private State _state;
    private bool _overwrites;

    private enum State
    {
        Text,
        Escape,
        ControlSequence,
        String,
        StringEscape,
    }

    /// <summary>The last line with text. The script may still be writing the line.</summary>
    public string LastLine { get; private set; } = "";

    /// <summary>Whether the output ended in the middle of a line.</summary>
    public bool IsInsideLine => _line.Length > 0;

    /// <summary>Takes a piece of the output, and returns the lines that end in it.</summary>
    public IReadOnlyList<string> Add(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        var count = _decoder.GetChars(bytes, characters, flush: false);
        var lines = new List<string>();
        foreach (var character in characters.AsSpan(0, count))
        {
            if (IsPartOfSequence(character)) continue;
            if (character == '\n' || _line.Length >= LongestLine) lines.Add(EndLine());
            if (character == '\n') continue;
            // A terminal overwrites the line after a carriage return. Bars of progress use that.
            if (character == '\r')
            {
                _overwrites = true;
                continue;
            }

            if (_overwrites) _line.Clear();
            _overwrites = false;
            if (character == '\t') _line.Append(' ', TabStops - _line.Length % TabStops);
            else _line.Append(character);
        }

        if (Safe() is { Length: > 0 } unfinished) LastLine = unfinished;
        return lines;
    }

    /// <summary>Ends the line that the script left unfinished, and returns the line.</summary>
    public string EndLine()
    {
        var line = Safe();
        if (line.Length > 0) LastLine = line;
        _line.Clear();
        _overwrites = false;
        return line;
    }

    private string Safe() => DisplayName.OfMessage(_line.ToString().TrimEnd());

    // The forms of ECMA-48: ESC [ parameters final, the strings ESC ], ESC P, ESC X, ESC ^ and ESC _ up to BEL or ESC \, and ESC with one character.
    private bool IsPartOfSequence(char character)
    {
        var before = _state;
        _state = (before, character) switch
        {
            // A newline ends every sequence, so that a broken one hides no output.
            (_, '\n') => State.Text,
            (State.Text, '\e') => State.Escape,
            (State.Text, _) => State.Text,
            (State.Escape, '[') => State.ControlSequence,
            (State.Escape, ']' or 'P' or 'X' or '^' or '_') => State.String,
            (State.Escape, >= ' ' and <= '/') => State.Escape,
            (State.ControlSequence, < '@' or > '~') => State.ControlSequence,
            (State.String, '\a') => State.Text,
            (State.String, '\e') => State.StringEscape,
            (State.String, _) => State.String,
            (State.StringEscape, not '\\') => State.String,
            _ => State.Text,
        };
        return character != '\n' && (before != State.Text || _state != State.Text);
    }
}
