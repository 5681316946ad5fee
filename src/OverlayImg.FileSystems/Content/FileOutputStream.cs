using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.FileSystems;

/// <summary>
/// A file, a pipe or standard output, written from front to back without a buffer. Writes go on from the descriptor's own position, so that
/// commands which share their standard output (<c>{ a; b; } > file</c>) don't overwrite each other.
/// </summary>
/// <param name="handle">Open for writing; disposed of with the stream.</param>
/// <param name="name">What messages call it.</param>
public sealed class FileOutputStream(SafeFileHandle handle, string name) : WriteOnlyStream
{
    private long _length;

    /// <summary>Bytes written so far.</summary>
    public override long Length => _length;

    /// <summary>Makes a new file.</summary>
    /// <exception cref="IOException">It is there already, or can't be made.</exception>
    public static FileOutputStream Create(string path, string name) => new(File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write), name);

    /// <summary>Standard output. Not the console's stream: that one takes no notice when nobody reads any more.</summary>
    public static FileOutputStream StandardOutput() => new(new SafeFileHandle(1, ownsHandle: false), "standard output");

    /// <inheritdoc/>
    /// <exception cref="ClosedPipeException">Whoever read the pipe has gone.</exception>
    /// <exception cref="MachineException">The disk is full, or fails.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = LibC.Write(handle, buffer, buffer.Length);
            if (count < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Errno.Interrupted) continue;
                throw errno == Errno.BrokenPipe ? new ClosedPipeException(name) : CantBeWritten(errno);
            }

            _length += count;
            buffer = buffer[(int)count..];
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) handle.Dispose();
        base.Dispose(disposing);
    }

    private MachineException CantBeWritten(int errno) => new($"{name} can't be written: {Marshal.GetPInvokeErrorMessage(errno)}");
}
