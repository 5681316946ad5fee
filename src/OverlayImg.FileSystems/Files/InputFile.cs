namespace OverlayImg.FileSystems.Files;

/// <summary>Opens files that the user named.</summary>
public static class InputFile
{
    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>The name of <paramref name="path"/> in messages.</summary>
    public static string NameOf(string path) => path == StandardInput ? "stdin" : path;

    /// <summary>Opens <paramref name="path"/> to be read once from front to back: a file or a pipe.</summary>
    /// <exception cref="InputException">There is no such file, it is a directory, or it can't be read.</exception>
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

    /// <summary>Reads a small file or pipe to its end; <c>-</c> is standard input.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maximumLength">The most bytes that it may have.</param>
    /// <param name="kind">The noun for the message of a longer file: "a script".</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InputException">It can't be read, or has more than <paramref name="maximumLength"/> bytes.</exception>
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

    /// <summary>As <see cref="ReadAllAsync"/>, without giving up the thread.</summary>
    /// <exception cref="InputException">It can't be read, or has more than <paramref name="maximumLength"/> bytes.</exception>
    public static byte[] ReadAll(string path, int maximumLength, string kind) =>
        ReadAllAsync(path, maximumLength, kind, CancellationToken.None).GetAwaiter().GetResult();

    internal static InputException CantBeOpened(string path, Exception exception) => Directory.Exists(path)
        ? new("is a directory", new(path), exception) { Advice = "Name a file." }
        : new($"can't be opened: {HostTrouble.Reason(exception)}", new(path), exception) { Advice = "Check the path and its permissions." };

    private static InputException IsTooLong(string path, int maximumLength, string kind) =>
        new($"is larger than {maximumLength >> 20} MiB, so it is not {kind}", new(NameOf(path)));
}
