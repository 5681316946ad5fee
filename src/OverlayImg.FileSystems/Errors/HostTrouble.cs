using OverlayImg.FileSystems.SystemCalls;


namespace OverlayImg.FileSystems.Errors;

/// <summary>Describes the runtime's I/O exceptions in the operating system's words, without the runtime's sentence around the path.</summary>
public static class HostTrouble
{
    private const string PermissionAdvice = "Check the permissions.";

    /// <summary>Whether the operating system refused an operation: an I/O error, a missing permission, or a file above the size limit.</summary>
    public static bool IsOne(Exception exception) => exception is IOException or UnauthorizedAccessException || IsFileTooLarge(exception);

    /// <summary>The operating system's reason without a full stop, for example "No space left on device".</summary>
    public static string Reason(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => Errno.Text(Errno.NoEntry),
        UnauthorizedAccessException when NumberOf(exception) is 0 => Errno.Text(Errno.AccessDenied),
        _ when NumberOf(exception) is var number and not 0 => Errno.Text(number),
        _ => exception.Message.TrimEnd('.'),
    };

    /// <summary>What the user can do about the error; null where the reason suggests nothing.</summary>
    public static string? Advice(Exception exception) =>
        Advice(NumberOf(exception)) ?? (exception is UnauthorizedAccessException ? PermissionAdvice : null);

    /// <summary>What the user can do about an error number; null where the number suggests nothing.</summary>
    internal static string? Advice(int errno) => errno switch
    {
        Errno.NoSpace or Errno.QuotaExceeded => "Free space on that file system, or choose another location.",
        Errno.FileTooLarge => "Raise the limit on the size of files (ulimit -f), or choose a file system that supports files of this size.",
        Errno.TooManyOpenFiles or Errno.TooManyOpenFilesOfAll => "Raise the limit on open files (ulimit -n).",
        Errno.ReadOnlyFileSystem => "Choose a location that is not read-only.",
        Errno.NotPermitted or Errno.AccessDenied => PermissionAdvice,
        _ => null,
    };

    /// <summary>Whether a file could not be opened because another process holds a lock on it.</summary>
    public static bool IsLocked(IOException exception) => NumberOf(exception) == Errno.WouldBlock;

    // The runtime reports EFBIG as this exception from every call.
    private static bool IsFileTooLarge(Exception exception) =>
        exception is ArgumentOutOfRangeException { ParamName: "value" }
        && exception.Message.StartsWith("Specified file length was too large", StringComparison.Ordinal);

    // The runtime stores errno as the exception's HRESULT. The runtime's own codes are negative.
    private static int NumberOf(Exception exception) => exception switch
    {
        UnauthorizedAccessException { InnerException: IOException inner } => NumberOf(inner),
        _ when IsFileTooLarge(exception) => Errno.FileTooLarge,
        IOException { HResult: > 0 and < 4096 } => exception.HResult,
        _ => 0,
    };
}
