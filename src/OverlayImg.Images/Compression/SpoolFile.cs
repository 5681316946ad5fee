using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace OverlayImg.Images.Compression;

/// <summary>Writes a file from front to back on another thread, while the caller fills the next piece.</summary>
/// <param name="handle">Handle that is open for writing; stays open.</param>
/// <param name="hash">Receives all bytes; null for none.</param>
internal sealed class SpoolFile(SafeFileHandle handle, IncrementalHash? hash) : IDisposable
{
    private const int PieceSize = 1 << 20;

    private byte[] _filling = new byte[PieceSize];
    private byte[] _writing = new byte[PieceSize];
    private Task _written = Task.CompletedTask;

    public Span<byte> Room => _filling;

    /// <summary>The number of bytes passed to <see cref="Write"/>.</summary>
    public long Length { get; private set; }

    /// <summary>Writes the first <paramref name="count"/> bytes of <see cref="Room"/>, which then is another buffer.</summary>
    /// <exception cref="IOException">This piece or the previous one can't be written.</exception>
    public void Write(int count)
    {
        _written.GetAwaiter().GetResult();
        (_filling, _writing) = (_writing, _filling);
        var (piece, offset) = (_writing.AsMemory(0, count), Length);
        _written = Task.Run(() =>
        {
            RandomAccess.Write(handle, piece.Span, offset);
            hash?.AppendData(piece.Span);
        });
        Length += count;
    }

    /// <summary>Waits until all pieces are written and hashed.</summary>
    /// <exception cref="IOException">A piece can't be written.</exception>
    public void Complete() => _written.GetAwaiter().GetResult();

    /// <summary>Waits for the last write. Its error was reported by <see cref="Complete"/>, or the file is given up.</summary>
    public void Dispose() => _written.ContinueWith(task => _ = task.Exception, TaskScheduler.Default).Wait();
}
