namespace OverlayImg.FileSystems;

/// <summary>Opens files that the user named.</summary>
public static class InputFile
{
    /// <summary>Opens <paramref name="path"/> to be read once from front to back: a file or a pipe.</summary>
    /// <exception cref="InputException">There is no such file, or it can't be read.</exception>
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
            throw new InputException($"can't be opened: {exception.Message}", new(path), exception)
            {
                Advice = "Check the path and its permissions."
            };
        }
    }
}
