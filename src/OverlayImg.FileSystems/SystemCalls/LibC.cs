using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OverlayImg.FileSystems.SystemCalls;

/// <summary>System calls that <see cref="System.IO"/> lacks, or offers only for names as text. Each path must end with a NUL.</summary>
internal static partial class LibC
{
    public const int OpenWriteOnly = 1;
    public const int OpenCreate = 0x40;
    public const int OpenExclusive = 0x80;
    public const int OpenCloseOnExec = 0x80000;
    public const int OpenNonBlocking = 0x800;
    public const int OpenPathOnly = 0x200000;

    public const int AtSymlinkNoFollow = 0x100;
    public const int AtEmptyPath = 0x1000;
    public const int AtRemoveDirectory = 0x200;
    public const uint StatxBasicStats = 0x7ff;
    public const uint StatxBirthTime = 0x800;

    public const uint MemoryFileCloseOnExec = 1;

    public const int SeekData = 3;
    public const int SeekHole = 4;

    // Values of asm-generic/fcntl.h, except that Arm and PowerPC define these two differently.
    private static readonly bool HasOwnOpenFlags =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Ppc64le;

    public static readonly int OpenDirectory = HasOwnOpenFlags ? 0x4000 : 0x10000;
    public static readonly int OpenNoFollow = HasOwnOpenFlags ? 0x8000 : 0x20000;

    /// <summary>AT_FDCWD, the base of relative paths. The value is not a descriptor, so disposing of the handle closes nothing.</summary>
    public static SafeFileHandle WorkingDirectory => new(-100, ownsHandle: false);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(SafeFileHandle directory, ReadOnlySpan<byte> path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    public static partial int StatxAt(SafeFileHandle directory, ReadOnlySpan<byte> path, int flags, uint mask, out Statx status);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    public static partial nint ReadLinkAt(SafeFileHandle directory, ReadOnlySpan<byte> path, Span<byte> target, nint size);

    [LibraryImport("libc", EntryPoint = "llistxattr", SetLastError = true)]
    public static partial nint ListXattrs(ReadOnlySpan<byte> path, Span<byte> names, nint size);

    [LibraryImport("libc", EntryPoint = "lgetxattr", SetLastError = true)]
    public static partial nint GetXattr(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, Span<byte> value, nint size);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true)]
    public static partial int CreateMemoryFile(ReadOnlySpan<byte> name, uint flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(SafeFileHandle directory, ReadOnlySpan<byte> path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MakeDirectoryAt(SafeFileHandle directory, ReadOnlySpan<byte> path, uint mode);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    public static partial int MakeSymbolicLinkAt(ReadOnlySpan<byte> target, SafeFileHandle directory, ReadOnlySpan<byte> path);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    public static partial int LinkAt(
        SafeFileHandle fromDirectory, ReadOnlySpan<byte> from, SafeFileHandle directory, ReadOnlySpan<byte> path, int flags);

    [LibraryImport("libc", EntryPoint = "mknodat", SetLastError = true)]
    public static partial int MakeNodeAt(SafeFileHandle directory, ReadOnlySpan<byte> path, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true)]
    public static partial int Rename(ReadOnlySpan<byte> path, ReadOnlySpan<byte> newPath);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int UnlinkAt(SafeFileHandle directory, ReadOnlySpan<byte> path, int flags);

    [LibraryImport("libc", EntryPoint = "fchmodat", SetLastError = true)]
    public static partial int ChangeModeAt(SafeFileHandle directory, ReadOnlySpan<byte> path, uint mode, int flags);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(SafeFileHandle file, uint mode);

    /// <summary>Sets the access time and the modification time, each as seconds and nanoseconds.</summary>
    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true)]
    public static partial int SetTimesAt(SafeFileHandle directory, ReadOnlySpan<byte> path, ReadOnlySpan<long> times, int flags);

    /// <summary>Does the same as <see cref="SetTimesAt"/> for an open file.</summary>
    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]
    public static partial int SetTimes(SafeFileHandle file, ReadOnlySpan<long> times);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true)]
    public static partial int SetXattr(SafeFileHandle file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, nint size, int flags);

    /// <summary>Reads at <paramref name="offset"/> and advances it. Writes at the output's own position.</summary>
    public static nint CopyRange(SafeFileHandle input, ref long offset, SafeFileHandle output, nint count) =>
        CopyFileRange(input, ref offset, output, 0, count, 0);

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    private static partial nint CopyFileRange(
        SafeFileHandle input, ref long inputOffset, SafeFileHandle output, nint outputOffset, nint count, uint flags);

    /// <summary>Sets the process's umask and returns the previous one.</summary>
    [LibraryImport("libc", EntryPoint = "umask")]
    public static partial uint SetModeMask(uint mask);

    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true)]
    public static partial nint RealPath(ReadOnlySpan<byte> path, Span<byte> resolved);

    [LibraryImport("libc", EntryPoint = "fdopendir", SetLastError = true)]
    public static partial nint OpenDirectoryStream(int descriptor);

    // readdir returns null at the end and on errors. SetLastError clears errno before the call, so errno is 0 only at the end.
    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    public static partial nint ReadDirectory(DirectoryStreamHandle stream);

    [LibraryImport("libc", EntryPoint = "closedir")]
    public static partial int CloseDirectoryStream(nint stream);

    /// <summary>Opens a path, relative to <paramref name="directory"/>. Returns null and sets errno where that fails.</summary>
    public static SafeFileHandle? Open(SafeFileHandle directory, ReadOnlySpan<byte> path, int flags)
    {
        int descriptor;
        do descriptor = OpenAt(directory, path, flags | OpenCloseOnExec);
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);
        return descriptor < 0 ? null : new(descriptor, ownsHandle: true);
    }

    /// <summary>Calls <c>statx(2)</c> without following a symbolic link at the end. Returns false and sets errno where that fails.</summary>
    public static bool TryStat(SafeFileHandle directory, ReadOnlySpan<byte> path, out Statx status) =>
        StatxAt(directory, path, AtSymlinkNoFollow, StatxBasicStats | StatxBirthTime, out status) == 0;

    /// <summary>Calls <c>statx(2)</c> for an open file. Returns false and sets errno where that fails.</summary>
    public static bool TryStatOpen(SafeFileHandle file, out Statx status) =>
        StatxAt(file, "\0"u8, AtEmptyPath, StatxBasicStats | StatxBirthTime, out status) == 0;
}
