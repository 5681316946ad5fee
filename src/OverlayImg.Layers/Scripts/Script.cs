namespace OverlayImg.Layers.Scripts;

/// <summary>A script of the user.</summary>
/// <param name="Name">Path of the script, or "stdin", for messages.</param>
public sealed record Script(string Name, ReadOnlyMemory<byte> Text)
{
    // A file over 16 MiB is not meant to be a script.
    private const int MaximumLength = 16 << 20;

    /// <summary>Reads a script from a file, or from standard input for <c>-</c>.</summary>
    /// <exception cref="InputException">The script can't be read, is larger than 16 MiB, or has Windows line ends.</exception>
    public static async Task<Script> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var text = await InputFile.ReadAllAsync(path, MaximumLength, "a script", cancellationToken);
        if (!HasWindowsLineEnds(text)) return new(InputFile.NameOf(path), text);
        throw new InputException("has Windows line ends (CR LF): bash takes the CR for a part of each line's last word", new(InputFile.NameOf(path)))
        {
            Advice = $"Convert it: sed -i 's/\\r$//' {(path == InputFile.StandardInput ? "FILE" : path)}",
        };
    }

    // Single CR LF line ends may be data of a here-document, so only a script with no other line ends is rejected.
    private static bool HasWindowsLineEnds(ReadOnlySpan<byte> text)
    {
        var lines = text.Count((byte)'\n');
        return lines > 0 && text.Count("\r\n"u8) == lines;
    }
}
