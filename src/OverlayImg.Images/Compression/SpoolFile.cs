using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace OverlayImg.Images.Compression;

/// <summary>
/// Writes a file from front to back behind the back of whoever fills the next piece: decompressing goes on meanwhile. On a machine with no processor
/// to spare it simply comes in between.
/// </summary>
/// <param name="handle">Open for writing; stays open.</param>
/// <param name="hash">Gets all bytes, or null.</param>
internal sealed class SpoolFile(SafeFileHandle handle, IncrementalHash? hash) : IDisposable
{
    private const int PieceSize = 1 << 20;

    private byte[] _filling = new byte[PieceSize];
    private byte[] _writing = new byte[PieceSize];
    private Task _written = Task.CompletedTask;

    /// <summary>Room for the next piece.</summary>
    public Span<byte> Room => _filling;

    /// <summary>Bytes given so far.</summary>
    public long Length { get; private set; }

    /// <summary>Takes the first <paramref name="count"/> bytes of <see cref="Room"/>, which then is another one.</summary>
    /// <exception cref="IOException">This piece or the one before can't be written.</exception>
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

    /// <summary>Waits until everything is written and hashed.</summary>
    /// <exception cref="IOException">Something can't be written.</exception>
    public void Complete() => _written.GetAwaiter().GetResult();

    /// <summary>Waits until nobody writes any more. What could not be written was told already, or does not matter any more.</summary>
    public void Dispose() => _written.ContinueWith(task => _ = task.Exception, TaskScheduler.Default).Wait();
}
