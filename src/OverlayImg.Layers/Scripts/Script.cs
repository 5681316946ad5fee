namespace OverlayImg.Layers.Scripts;

/// <summary>A script of the user.</summary>
/// <param name="Name">Its path, or "stdin", for messages.</param>
/// <param name="Text">Its bytes.</param>
public sealed record Script(string Name, ReadOnlyMemory<byte> Text)
{
    // A larger file is the wrong file.
    private const int MaximumLength = 16 << 20;

    /// <summary>Reads a script; <c>-</c> is stdin.</summary>
    /// <exception cref="InputException">It can't be read, is larger than 16 MiB, or has Windows line ends.</exception>
    public static async Task<Script> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var text = await InputFile.ReadAllAsync(path, MaximumLength, "a script", cancellationToken);
        if (!HasWindowsLineEnds(text)) return new(InputFile.NameOf(path), text);
        throw new InputException("has Windows line ends (CR LF): bash takes the CR for a part of each line's last word", new(InputFile.NameOf(path)))
        {
            Advice = $"Convert it: sed -i 's/\\r$//' {(path == InputFile.StandardInput ? "FILE" : path)}",
        };
    }

    // A single CR LF may be data of a here-document.
    private static bool HasWindowsLineEnds(ReadOnlySpan<byte> text)
    {
        var lines = text.Count((byte)'\n');
        return lines > 0 && text.Count("\r\n"u8) == lines;
    }
}
