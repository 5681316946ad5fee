namespace OverlayImg.FileSystems.Files;

/// <summary>Opens and reads input files that the user named.</summary>
public static class InputFile
{
    /// <summary>The path that stands for standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>The name of <paramref name="path"/> in messages: "stdin" for standard input, else the path.</summary>
    public static string NameOf(string path) => path == StandardInput ? "stdin" : path;

    /// <summary>Opens a file or pipe for one sequential read.</summary>
    /// <exception cref="InputException">The file does not exist, is a directory, or can't be read.</exception>
    public static FileStream OpenSequential(string path)
    {
        try
        {
            return new(path, new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.SequentialScan
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CantBeOpened(path, exception);
        }
    }

    /// <summary>Reads a small file or pipe to its end.</summary>
    /// <param name="path">A path, or <c>-</c> for standard input.</param>
    /// <param name="maximumLength">Limit on the file's size in bytes. The error message has it in MiB.</param>
    /// <param name="kind">A noun with its article for the message about a larger file: "a script".</param>
    /// <exception cref="InputException">The file can't be read or is larger than <paramref name="maximumLength"/>.</exception>
    public static async Task<byte[]> ReadAllAsync(string path, int maximumLength, string kind, CancellationToken cancellationToken)
    {
        await using var stream = path == StandardInput ? Console.OpenStandardInput() : OpenSequential(path);
        using var all = new MemoryStream();
        var buffer = new byte[64 << 10];
        try
        {
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0; all.Write(buffer, 0, count))
                if (all.Length + count > maximumLength) throw IsTooLong(path, maximumLength, kind);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"can't be read: {HostTrouble.Reason(exception)}", new(NameOf(path)), exception);
        }

        return all.ToArray();
    }

    /// <summary>Does the same as <see cref="ReadAllAsync"/>, but blocks the thread.</summary>
    /// <exception cref="InputException">The file can't be read or is larger than <paramref name="maximumLength"/>.</exception>
    public static byte[] ReadAll(string path, int maximumLength, string kind) =>
        ReadAllAsync(path, maximumLength, kind, CancellationToken.None).GetAwaiter().GetResult();

    internal static InputException CantBeOpened(string path, Exception exception) => Directory.Exists(path)
        ? new("is a directory", new(path), exception) { Advice = "Name a file." }
        : new($"can't be opened: {HostTrouble.Reason(exception)}", new(path), exception) { Advice = "Check the path and its permissions." };

    private static InputException IsTooLong(string path, int maximumLength, string kind) =>
        new($"is larger than {maximumLength >> 20} MiB, so it is not {kind}", new(NameOf(path)));
}
