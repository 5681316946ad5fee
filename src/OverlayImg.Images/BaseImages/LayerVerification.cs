using OverlayImg.Images.Layers;

namespace OverlayImg.Images.BaseImages;

/// <summary>Hashes layers in the background, while other code reads them.</summary>
internal sealed class LayerVerification : IDisposable
{
    // One processor is left to the code that reads the layers. Hashing and reading then end at about the same time.
    private readonly SemaphoreSlim _processors = new(Math.Max(1, Environment.ProcessorCount - 1));
    private readonly CancellationTokenSource _disposed = new();
    private readonly Meter _meter = new();
    private readonly List<Task> _running = [];

    /// <summary>Starts to hash <paramref name="content"/>, which must stay open until this object is disposed of. Thread-safe.</summary>
    public void Begin(LayerContent content)
    {
        lock (_running) _running.Add(HashAsync(content));
    }

    /// <summary>Waits until all started layers are hashed.</summary>
    /// <param name="hashed">Receives counts of hashed bytes, including bytes hashed before the call; null for no progress.</param>
    /// <exception cref="InputException">The digest of a layer differs from the config's diff ID.</exception>
    public async Task WaitAsync(IProgress<int>? hashed, CancellationToken cancellationToken)
    {
        _meter.ReportTo(hashed);
        Task[] running;
        lock (_running) running = [.. _running];
        await Task.WhenAll(running).WaitAsync(cancellationToken);
    }

    /// <summary>Cancels the running hashes and waits for their end. The layers may be closed afterwards.</summary>
    public void Dispose()
    {
        _disposed.Cancel();
        // If WaitAsync was not called, the layers were not used, and an error in them is ignored.
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

    /// <summary>Keeps the count of bytes until a listener is set.</summary>
    private sealed class Meter : IProgress<int>
    {
        private readonly Lock _lock = new();
        private IProgress<int>? _listener;
        private long _unreported;

        public void Report(int value)
        {
            lock (_lock)
            {
                _unreported += value;
                Forward();
            }
        }

        public void ReportTo(IProgress<int>? listener)
        {
            lock (_lock)
            {
                _listener = listener;
                Forward();
            }
        }

        private void Forward()
        {
            for (; _listener is not null && _unreported > 0;)
            {
                var count = (int)Math.Min(_unreported, int.MaxValue);
                _unreported -= count;
                _listener.Report(count);
            }
        }
    }
}
