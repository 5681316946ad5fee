using System.Runtime.InteropServices;

namespace OverlayImg.FileSystems.SystemCalls;

/// <summary>Error numbers (asm-generic/errno-base.h and errno.h), which are equal on all architectures of .NET.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int NoDeviceOrAddress = 6;
    public const int WouldBlock = 11;
    public const int AccessDenied = 13;
    public const int NotADirectory = 20;
    public const int IsADirectory = 21;
    public const int InvalidArgument = 22;
    public const int TooManyOpenFilesOfAll = 23;
    public const int TooManyOpenFiles = 24;
    public const int FileTooLarge = 27;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int BrokenPipe = 32;
    public const int OutOfRange = 34;
    public const int TooManyLinks = 40;
    public const int NoData = 61;
    public const int Stale = 116;
    public const int QuotaExceeded = 122;
    public const int NotSupported = 95;

    /// <summary>The text of <c>strerror(3)</c> for an error number.</summary>
    public static string Text(int error) => Marshal.GetPInvokeErrorMessage(error);
}
