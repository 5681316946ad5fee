using System.Runtime.ExceptionServices;

namespace OverlayImg.FileSystems.Files;

/// <summary>
/// Writes buffers to a file, in the order in which they come, on a thread of its own: filling the next one and the kernel's taking of the last one then
/// take the time of the longer. What fails there is thrown at the next call here.
/// </summary>
/// <param name="file">Not used by anyone else until <see cref="Wait"/> returns.</param>
internal sealed class WriteBehind(FileOutputStream file) : IDisposable
{
    // One is filled, one is written, one stands ready.
    private const int MostBuffers = 3;

    private readonly object _lock = new();
    private readonly Queue<Filled> _filled = new();
    private readonly Stack<byte[]> _free = new();
    private int _buffers = 1;
    private bool _isWriting;
    private bool _isEnded;
    private ExceptionDispatchInfo? _failure;
    private Task? _task;

    // A class: the framework has precompiled code for collections of those.
    private sealed record Filled(byte[] Buffer, int Count);

    /// <summary>Has the first <paramref name="count"/> bytes of a buffer written, and gives another one of its size for it; waits until there is one.</summary>
    public byte[] Exchange(byte[] buffer, int count)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isEnded, this);
            // A thread of its own: a pipe may take as long as its reader likes.
            _task ??= Task.Factory.StartNew(WriteAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            _filled.Enqueue(new(buffer, count));
            Monitor.PulseAll(_lock);
            while (_failure is null && _free.Count == 0 && _buffers == MostBuffers) Monitor.Wait(_lock);
            _failure?.Throw();
            if (_free.TryPop(out var free)) return free;
            _buffers++;
            return new byte[buffer.Length];
        }
    }

    /// <summary>Waits until everything is written.</summary>
    public void Wait()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isEnded, this);
            while (_failure is null && (_isWriting || _filled.Count > 0)) Monitor.Wait(_lock);
            _failure?.Throw();
        }
    }

    /// <summary>Ends the thread. What is not written yet is not written any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isEnded = true;
            _filled.Clear();
            Monitor.PulseAll(_lock);
        }

        _task?.Wait();
    }

    private void WriteAll()
    {
        try
        {
            for (byte[]? written = null; Next(written) is { } next; written = next.Buffer) file.Write(next.Buffer.AsSpan(0, next.Count));
        }
        catch (Exception exception)
        {
            lock (_lock)
            {
                _failure = ExceptionDispatchInfo.Capture(exception);
                Monitor.PulseAll(_lock);
            }
        }
    }

    private Filled? Next(byte[]? written)
    {
        lock (_lock)
        {
            if (written is not null) _free.Push(written);
            _isWriting = false;
            Monitor.PulseAll(_lock);
            while (!_isEnded && _filled.Count == 0) Monitor.Wait(_lock);
            if (_isEnded) return null;
            _isWriting = true;
            return _filled.Dequeue();
        }
    }
}
