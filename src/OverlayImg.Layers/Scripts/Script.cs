using System.Globalization;
using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Scripts;

/// <summary>A script of the user.</summary>
/// <param name="Name">Path of the script, "stdin", or the text of commands, for messages.</param>
public sealed record Script(string Name, ReadOnlyMemory<byte> Text)
{
    // A file over 16 MiB is not meant to be a script.
    private const int MaximumLength = 16 << 20;

    private const string Why = "bash takes the CR for a part of each line's last word";

    /// <summary>Whether the text is commands for <c>/bin/sh -e -c</c>, as those of RUN in a Dockerfile.</summary>
    public bool IsCommands { get; private init; }

    /// <summary>Commands that <c>/bin/sh -e -c</c> runs.</summary>
    public static Script Commands(string text) => new(text, ByteString.FromText(text).Memory) { IsCommands = true };

    /// <summary>Reads a script from a file, or from standard input for <c>-</c>.</summary>
    /// <exception cref="InputException">
    /// The script can't be read, is larger than 16 MiB, begins with a byte order mark, or has Windows line ends on its first or on all lines.
    /// </exception>
    public static async Task<Script> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var text = await InputFile.ReadAllAsync(path, MaximumLength, "a script", cancellationToken);
        var file = path == InputFile.StandardInput ? "FILE" : path;
        if (text.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            throw new InputException("begins with a byte order mark (BOM), which hides the #! line and spoils the first command",
                new(InputFile.NameOf(path)))
            {
                Advice = $"Remove the mark: sed -i '1s/^\\xEF\\xBB\\xBF//' {file}",
            };
        }

        if (WindowsLineEnds(text) is not { } what) return new(InputFile.NameOf(path), text);
        throw new InputException(what, new(InputFile.NameOf(path))) { Advice = $"Convert the script: sed -i 's/\\r$//' {file}" };
    }

    /// <summary>
    /// A warning if some lines, but not all, have Windows line ends; null otherwise. Such lines may be data of a here-document.
    /// </summary>
    public string? LineEndsWarning
    {
        get
        {
            var (lines, first, line) = (0, 0, 0);
            foreach (var range in Text.Span.Split((byte)'\n'))
            {
                line++;
                if (!Text.Span[range].EndsWith("\r"u8)) continue;
                lines++;
                if (first == 0) first = line;
            }

            if (lines == 0) return null;
            var name = IsCommands ? "The commands" : Name;
            var (count, where) = (lines.ToString(CultureInfo.InvariantCulture), first.ToString(CultureInfo.InvariantCulture));
            return lines == 1
                ? $"{name}: line {where} has a Windows line end (CR LF): {Why}."
                : $"{name}: {count} lines have Windows line ends (CR LF), the first is line {where}: {Why}.";
        }
    }

    // Single CR LF line ends may be data of a here-document. A script is rejected if all of its line ends are CR LF, or if the CR is a part of the
    // interpreter's name.
    private static string? WindowsLineEnds(ReadOnlySpan<byte> text)
    {
        var lines = text.Count((byte)'\n');
        if (lines > 0 && text.Count("\r\n"u8) == lines) return $"has Windows line ends (CR LF): {Why}";
        var end = text.IndexOf((byte)'\n');
        return text.StartsWith("#!"u8) && (end < 0 ? text : text[..end]).EndsWith("\r"u8)
            ? "has a Windows line end (CR LF) on its first line, so the interpreter after #! would not be found" : null;
    }
}
