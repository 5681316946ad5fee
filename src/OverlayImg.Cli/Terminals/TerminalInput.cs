using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace OverlayImg.Cli.Terminals;

/// <summary>
/// Reads a terminal on a thread of its own, so that waiting for a key can be cancelled. After disposal no key is taken from the terminal.
/// </summary>
internal sealed class TerminalInput : IDisposable
{
    private const int Interrupted = 4, TryAgain = 11;
    private const int Forever = -1;

    private readonly SafeFileHandle _terminal;
    private readonly AnonymousPipeServerStream _end = new(PipeDirection.Out);
    private readonly SafePipeHandle _ended;
    private readonly Thread _thread;

    // The thread waits for the reader, so that no more than one piece is read ahead.
    private readonly Channel<byte[]> _pieces = Channel.CreateBounded<byte[]>(1);

    public TerminalInput(SafeFileHandle terminal)
    {
        _terminal = terminal;
        _ended = _end.ClientSafePipeHandle;
        _thread = new(ReadAll) { IsBackground = true, Name = "terminal input" };
        _thread.Start();
    }

    /// <summary>Returns the next bytes: what was typed, or a whole line if the terminal edits lines. Empty at the end of the input.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _pieces.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException)
        {
            return default;
        }
    }

    /// <summary>Ends the thread. Input that was read and not returned is lost.</summary>
    public void Dispose()
    {
        _pieces.Writer.TryComplete();
        _end.Dispose();
        _thread.Join();
        _ended.Dispose();
    }

    private void ReadAll()
    {
        while (WaitForInput())
        {
            var bytes = new byte[4096];
            var count = TerminalCalls.Read(_terminal, bytes, bytes.Length);
            if (count < 0 && Marshal.GetLastPInvokeError() is Interrupted or TryAgain) continue;
            if (count <= 0) break;
            if (!Put(bytes[..(int)count])) return;
        }

        _pieces.Writer.TryComplete();
    }

    // Returns false after disposal.
    private bool Put(byte[] piece)
    {
        while (!_pieces.Writer.TryWrite(piece))
            if (!_pieces.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult()) return false;
        return true;
    }

    // Returns false after disposal. A terminal that was closed counts as readable, and reading it fails.
    private bool WaitForInput()
    {
        Span<TerminalCalls.PolledFile> files =
        [
            new() { Descriptor = _terminal.DangerousGetHandle().ToInt32(), Events = TerminalCalls.PollIn },
            new() { Descriptor = _ended.DangerousGetHandle().ToInt32(), Events = TerminalCalls.PollIn },
        ];
        while (TerminalCalls.Poll(files, (nuint)files.Length, Forever) < 0)
            if (Marshal.GetLastPInvokeError() is not (Interrupted or TryAgain)) return false;
        return files[1].ReturnedEvents == 0;
    }
}
