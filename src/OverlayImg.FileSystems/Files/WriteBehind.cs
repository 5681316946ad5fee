using System.Runtime.ExceptionServices;

namespace OverlayImg.FileSystems.Files;

/// <summary>
/// Writes buffers to a file, in order, on a separate thread, so that the caller can fill a buffer during the write of another one. An
/// exception of the writing thread is rethrown at the caller's next call.
/// </summary>
/// <param name="file">The output. Nobody else may use it until <see cref="Wait"/> returns.</param>
internal sealed class WriteBehind(FileOutputStream file) : IDisposable
{
    // One buffer is filled, one is written, one waits.
    private const int MaximumBuffers = 3;

    private readonly object _lock = new();
    private readonly Queue<Filled> _filled = new();
    private readonly Stack<byte[]> _free = new();
    private int _buffers = 1;
    private bool _isWriting;
    private bool _isEnded;
    private ExceptionDispatchInfo? _failure;
    private Task? _task;

    // A class, because the framework has precompiled code for collections of reference types only.
    private sealed record Filled(byte[] Buffer, int Count);

    /// <summary>
    /// Queues the first <paramref name="count"/> bytes of a full buffer, and returns an empty buffer of the same size. Waits for an empty buffer.
    /// </summary>
    public byte[] Exchange(byte[] buffer, int count)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isEnded, this);
            // Not a thread of the pool: a pipe may block the write as long as its reader likes.
            _task ??= Task.Factory.StartNew(WriteAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            _filled.Enqueue(new(buffer, count));
            Monitor.PulseAll(_lock);
            while (_failure is null && _free.Count == 0 && _buffers == MaximumBuffers) Monitor.Wait(_lock);
            _failure?.Throw();
            if (_free.TryPop(out var free)) return free;
            _buffers++;
            return new byte[buffer.Length];
        }
    }

    /// <summary>Waits until all queued buffers are written.</summary>
    public void Wait()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isEnded, this);
            while (_failure is null && (_isWriting || _filled.Count > 0)) Monitor.Wait(_lock);
            _failure?.Throw();
        }
    }

    /// <summary>Stops the thread and discards the buffers that are not written yet.</summary>
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
