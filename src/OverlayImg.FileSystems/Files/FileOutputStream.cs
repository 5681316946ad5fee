using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.Files;

/// <summary>
/// A file, a pipe or standard output, written from front to back without a buffer. Writes go on from the descriptor's own position, so that
/// commands which share their standard output (<c>{ a; b; } > file</c>) don't overwrite each other.
/// </summary>
/// <param name="handle">Open for writing; disposed of with the stream.</param>
/// <param name="name">What messages call it.</param>
public sealed class FileOutputStream(SafeFileHandle handle, string name) : WriteOnlyStream
{
    // Cancelling waits for a piece.
    private const int KernelPiece = 64 << 20;
    private const int OwnPiece = 1 << 20;

    private long _length;
    private bool _kernelCopies = true;

    /// <summary>Bytes written so far.</summary>
    public override long Length => _length;

    /// <summary>Makes a new file.</summary>
    /// <exception cref="IOException">It is there already, or can't be made.</exception>
    public static FileOutputStream Create(string path, string name) => new(File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write), name);

    /// <summary>What is there already and no regular file: a device, or a pipe, for whose reader this waits.</summary>
    /// <exception cref="MachineException">It may not be written.</exception>
    public static FileOutputStream OpenSpecial(string path)
    {
        try
        {
            return new(File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MachineException($"{path} can't be written: {HostTrouble.Reason(exception)}", exception);
        }
    }

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

    /// <summary>Writes a range of <paramref name="source"/>: by the kernel alone, from one page cache to the other, where it can.</summary>
    /// <exception cref="InputException">The source ends before the range does.</exception>
    /// <exception cref="ClosedPipeException">Whoever read the pipe has gone.</exception>
    /// <exception cref="MachineException">The disk is full, or fails.</exception>
    public void CopyFrom(ByteSource source, long offset, long length, CancellationToken cancellationToken)
    {
        var end = offset + length;
        while (_kernelCopies && source.Handle is not null && offset < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = LibC.CopyRange(source.Handle, ref offset, handle, (nint)Math.Min(end - offset, KernelPiece));
            // Whatever the reason (a pipe, another file system, a full disk, a source cut short):
            // doing it ourselves works, or tells which side it is.
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

    private MachineException CantBeWritten(int errno) => new($"{name} can't be written: {Marshal.GetPInvokeErrorMessage(errno)}");
}
