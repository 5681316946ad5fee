using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>Reads the names in an open directory as bytes, by <c>readdir(3)</c>.</summary>
internal static class DirectoryListing
{
    // struct dirent of glibc and musl on 64-bit machines: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name.
    private const int RecordLengthOffset = 16;
    private const int NameOffset = 19;

    /// <summary>Lists the names without <c>.</c> and <c>..</c>, in no particular order. Returns null and sets errno where that fails.</summary>
    public static List<ByteString>? TryRead(SafeFileHandle directory, CancellationToken cancellationToken)
    {
        using var stream = Open(directory);
        if (stream is null) return null;
        var names = new List<ByteString>();
        var buffer = new byte[512];
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var record = LibC.ReadDirectory(stream);
            if (record == 0) return Marshal.GetLastPInvokeError() == 0 ? names : null;
            var size = (ushort)Marshal.ReadInt16(record, RecordLengthOffset) - NameOffset;
            if (buffer.Length < size) buffer = new byte[size];
            Marshal.Copy(record + NameOffset, buffer, 0, size);
            var name = buffer.AsSpan(0, buffer.AsSpan(0, size).IndexOf((byte)0));
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8)) names.Add(new(name));
        }
    }

    // closedir(3) closes the stream's descriptor, and reading moves its position, so the stream gets a descriptor of its own.
    private static DirectoryStreamHandle? Open(SafeFileHandle directory)
    {
        var descriptor = LibC.OpenAt(directory, ".\0"u8, LibC.OpenDirectory | LibC.OpenCloseOnExec);
        if (descriptor < 0) return null;
        var stream = LibC.OpenDirectoryStream(descriptor);
        if (stream != 0) return new(stream);
        var error = Marshal.GetLastPInvokeError();
        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        Marshal.SetLastPInvokeError(error);
        return null;
    }
}
