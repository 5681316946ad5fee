using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>Cancels a request whose headers, or whose next <see cref="RegistryLimits.LeastMove"/> bytes, do not arrive in time.</summary>
internal sealed class StallWatch : IDisposable
{
    private readonly RegistryLimits _limits;
    private readonly CancellationToken _user;
    private readonly CancellationTokenSource _source;
    private int _moved;
    private long? _end;

    public StallWatch(RegistryLimits limits, CancellationToken user)
    {
        (_limits, _user) = (limits, user);
        _source = CancellationTokenSource.CreateLinkedTokenSource(user);
        _source.CancelAfter(limits.Patience);
    }

    /// <summary>A token that is cancelled when the request stalls or the user cancels.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the request stalled, rather than the user having cancelled it.</summary>
    public bool IsStalled => _source.IsCancellationRequested && !_user.IsCancellationRequested;

    /// <summary>Records that bytes were sent or received.</summary>
    public void Moved(int bytes)
    {
        _moved += bytes;
        if (_moved < _limits.LeastMove) return;
        _moved = 0;
        Restart();
    }

    public void Restart()
    {
        var left = _end is null ? _limits.Patience : TimeSpan.FromMilliseconds(Math.Max(0, _end.Value - Environment.TickCount64));
        _source.CancelAfter(left < _limits.Patience ? left : _limits.Patience);
    }

    /// <summary>Limits the total time for the rest of the response to <see cref="RegistryLimits.DocumentTime"/>.</summary>
    public void AwaitDocument()
    {
        _end ??= Environment.TickCount64 + (long)_limits.DocumentTime.TotalMilliseconds;
        Restart();
    }

    /// <summary>Extends the timeout after an upload, because the registry reads all <paramref name="bytes"/> again before it responds.</summary>
    public void AwaitCommit(long bytes) => _source.CancelAfter(_limits.Patience + TimeSpan.FromSeconds(bytes / _limits.CommitRate));

    public void Dispose() => _source.Dispose();
}
