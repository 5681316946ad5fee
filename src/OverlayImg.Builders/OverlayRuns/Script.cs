namespace OverlayImg.Builders;

/// <summary>A bash script of the user.</summary>
/// <param name="Name">What messages call it: its path, or "stdin".</param>
/// <param name="Text">Its bytes.</param>
public sealed record Script(string Name, ReadOnlyMemory<byte> Text)
{
    /// <summary>Larger than this is no script but a mistake: the wrong file.</summary>
    private const int MaximumLength = 16 << 20;

    /// <summary>Reads a script; <c>-</c> is stdin.</summary>
    /// <exception cref="InputException">It can't be read, or is larger than 16 MiB.</exception>
    public static async Task<Script> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var name = path == "-" ? "stdin" : path;
        await using var stream = path == "-" ? Console.OpenStandardInput() : FileSystems.InputFile.OpenSequential(path);
        using var text = new MemoryStream();
        var buffer = new byte[64 << 10];
        try
        {
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0; text.Write(buffer, 0, count))
            {
                if (text.Length + count > MaximumLength) throw new InputException("is larger than 16 MiB, so it is no script", new(name));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"can't be read: {exception.Message}", new(name), exception);
        }

        return new(name, text.ToArray());
    }
}
