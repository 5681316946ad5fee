using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.Files;

/// <summary>
/// An unbuffered output stream to a file, a pipe or standard output. Writes start at the descriptor's own position, so that commands with a
/// common standard output (<c>{ a; b; } > file</c>) don't overwrite each other's output.
/// </summary>
/// <param name="handle">A handle that is open for writing; the stream owns it.</param>
/// <param name="name">The name for messages.</param>
public sealed class FileOutputStream(SafeFileHandle handle, string name) : WriteOnlyStream
{
    // Cancellation takes effect between two pieces.
    private const int KernelPiece = 64 << 20;
    private const int OwnPiece = 1 << 20;

    private long _length;
    private bool _kernelCopies = true;

    /// <summary>Number of bytes written so far.</summary>
    public override long Length => _length;

    /// <summary>Creates a new file.</summary>
    /// <exception cref="IOException">The file exists already or can't be created.</exception>
    public static FileOutputStream Create(string path, string name) => new(File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write), name);

    /// <summary>Opens an existing device or named pipe. For a pipe the call waits until a reader opens the other end.</summary>
    /// <exception cref="MachineException">The file can't be opened for writing.</exception>
    public static FileOutputStream OpenSpecial(string path)
    {
        try
        {
            return new(File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MachineException($"{path} can't be written: {HostTrouble.Reason(exception)}", exception)
            {
                Advice = HostTrouble.Advice(exception),
            };
        }
    }

    /// <summary>Standard output. The stream of <see cref="Console"/> is not used, because it ignores that the reader closed a pipe.</summary>
    public static FileOutputStream StandardOutput() => new(new SafeFileHandle(1, ownsHandle: false), "standard output");

    /// <inheritdoc/>
    /// <exception cref="ClosedPipeException">The reader closed the pipe.</exception>
    /// <exception cref="MachineException">The file system is full, or another I/O error occurred.</exception>
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

    /// <summary>Writes a range of <paramref name="source"/>, where possible by <c>copy_file_range(2)</c>, without a copy in user space.</summary>
    /// <exception cref="InputException">The source ends before the range does.</exception>
    /// <exception cref="ClosedPipeException">The reader closed the pipe.</exception>
    /// <exception cref="MachineException">The file system is full, or another I/O error occurred.</exception>
    public void CopyFrom(ByteSource source, long offset, long length, CancellationToken cancellationToken)
    {
        var end = offset + length;
        while (_kernelCopies && source.Handle is not null && offset < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = LibC.CopyRange(source.Handle, ref offset, handle, (nint)Math.Min(end - offset, KernelPiece));
            // After any failure (a pipe, another file system, a full disk, a truncated source) the copy goes on in user space. That copy
            // succeeds, or its error tells whether the source or the output failed.
            if (count <= 0) _kernelCopies = count < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted;
            else _length += count;
        }

        if (offset < end) CopyByHand(source, offset, end, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) handle.Dispose();
        base.Dispose(disposing);
    }

    private void CopyByHand(ByteSource source, long offset, long end, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(end - offset, OwnPiece));
        for (; offset < end; offset += Math.Min(end - offset, buffer.Length))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = buffer.AsSpan(0, (int)Math.Min(end - offset, buffer.Length));
            source.Read(offset, piece);
            Write(piece);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private MachineException CantBeWritten(int errno) =>
        new($"{name} can't be written: {Errno.Text(errno)}") { Advice = HostTrouble.Advice(errno) };
}
