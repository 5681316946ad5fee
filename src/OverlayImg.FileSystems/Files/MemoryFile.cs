using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.Files;

/// <summary>Files that are in memory alone (<c>memfd_create(2)</c>), and gone with the last process that has them open or mapped.</summary>
public static class MemoryFile
{
    /// <summary>Makes an empty one, to read and to write. Programs that are started do not inherit it.</summary>
    /// <param name="name">What <c>/proc</c> shows of it; it need not be the only one of that name.</param>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public static SafeFileHandle Create(string name)
    {
        var descriptor = LibC.CreateMemoryFile([.. ByteString.FromText(name).Span, 0], LibC.MemoryFileCloseOnExec);
        if (descriptor < 0) throw new IOException($"No file in memory: {Errno.Text(Marshal.GetLastPInvokeError())}");
        return new(descriptor, ownsHandle: true);
    }
}
