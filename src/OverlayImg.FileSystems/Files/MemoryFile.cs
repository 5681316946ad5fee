using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.Files;

/// <summary>Anonymous files in memory (<c>memfd_create(2)</c>). Such a file exists while a process has it open or mapped.</summary>
public static class MemoryFile
{
    /// <summary>Creates an empty file for reading and writing. Child processes do not inherit it.</summary>
    /// <param name="name">The name that <c>/proc</c> shows. Several files may have the same name.</param>
    /// <exception cref="IOException">The kernel refuses the file.</exception>
    public static SafeFileHandle Create(string name)
    {
        var descriptor = LibC.CreateMemoryFile([.. ByteString.FromText(name).Span, 0], LibC.MemoryFileCloseOnExec);
        if (descriptor < 0) throw new IOException($"A file in memory can't be created: {Errno.Text(Marshal.GetLastPInvokeError())}");
        return new(descriptor, ownsHandle: true);
    }
}
