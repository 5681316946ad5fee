using OverlayImg.Images.Layers;

namespace OverlayImg.Images.BaseImages;

/// <summary>Hashes layers beside the work that is done with them.</summary>
internal sealed class LayerVerification : IDisposable
{
    // One processor is left to whoever works with the layers meanwhile: both sides are then ready at about the same time.
    private readonly SemaphoreSlim _processors = new(Math.Max(1, Environment.ProcessorCount - 1));
    private readonly CancellationTokenSource _disposed = new();
    private readonly Meter _meter = new();
    private readonly List<Task> _running = [];

    /// <summary>Begins to hash <paramref name="content"/>, which must stay open until this is disposed of. Thread-safe.</summary>
    public void Begin(LayerContent content)
    {
        lock (_running) _running.Add(HashAsync(content));
    }

    /// <summary>Waits for all that was begun.</summary>
    /// <param name="hashed">Is told of the bytes, those that are done already included.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InputException">A layer is not the one that the config means.</exception>
    public async Task WaitAsync(IProgress<int>? hashed, CancellationToken cancellationToken)
    {
        _meter.ReportTo(hashed);
        Task[] running;
        lock (_running) running = [.. _running];
        await Task.WhenAll(running).WaitAsync(cancellationToken);
    }

    /// <summary>Ends what still runs; the layers may be closed then.</summary>
    public void Dispose()
    {
        _disposed.Cancel();
        // A failure that nobody waited for is one of layers that nobody used.
        Task.WhenAll(_running).ContinueWith(task => _ = task.Exception, TaskScheduler.Default).Wait();
        _disposed.Dispose();
        _processors.Dispose();
    }

    private async Task HashAsync(LayerContent content)
    {
        await _processors.WaitAsync(_disposed.Token).ConfigureAwait(false);
        try
        {
            await content.VerifyAsync(_meter, _disposed.Token).ConfigureAwait(false);
        }
        finally
        {
            _processors.Release();
        }
    }

    /// <summary>Counts until somebody wants to know.</summary>
    private sealed class Meter : IProgress<int>
    {
        private readonly Lock _lock = new();
        private IProgress<int>? _listener;
        private long _untold;

        public void Report(int value)
        {
            lock (_lock)
            {
                _untold += value;
                Tell();
            }
        }

        public void ReportTo(IProgress<int>? listener)
        {
            lock (_lock)
            {
                _listener = listener;
                Tell();
            }
        }

        private void Tell()
        {
            for (; _listener is not null && _untold > 0;)
            {
                var count = (int)Math.Min(_untold, int.MaxValue);
                _untold -= count;
                _listener.Report(count);
            }
        }
    }
}
