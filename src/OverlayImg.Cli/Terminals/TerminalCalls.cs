using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OverlayImg.Cli.Terminals;

/// <summary>System calls for terminals. Each returns -1 and sets errno where it fails.</summary>
internal static partial class TerminalCalls
{
    public const short PollIn = 1;
    public const short PollOut = 4;

    /// <summary>tcsetattr(3): the change occurs after all output is written.</summary>
    public const int AfterOutput = 1;

    /// <summary>TIOCGWINSZ of asm-generic/ioctls.h, except on MIPS, PowerPC and SPARC, for which .NET has no port of this tool.</summary>
    public const nuint GetWindowSize = 0x5413;

    /// <summary>A buffer that is larger than the structure termios of every C library. Its content is only passed on.</summary>
    public const int ModesLength = 256;

    /// <summary>The structure pollfd of poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PolledFile
    {
        public int Descriptor;
        public short Events;
        public short ReturnedEvents;
    }

    /// <summary>The structure winsize of ioctl_tty(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }

    [LibraryImport("libc", EntryPoint = "isatty")]
    public static partial int IsTerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    public static partial int GetModes(SafeFileHandle terminal, Span<byte> modes);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    public static partial int SetModes(SafeFileHandle terminal, int when, ReadOnlySpan<byte> modes);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    public static partial void MakeRaw(Span<byte> modes);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int GetSize(SafeFileHandle terminal, nuint request, out WindowSize size);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(Span<PolledFile> files, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeFileHandle file, Span<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, nint count);
}
