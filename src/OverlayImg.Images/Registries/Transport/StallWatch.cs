using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>Ends a request that stands still: the first answer, and every so many bytes after it, must come in time.</summary>
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

    /// <summary>Ends when the request stands still, or when the user has enough.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether it stood still.</summary>
    public bool IsStalled => _source.IsCancellationRequested && !_user.IsCancellationRequested;

    /// <summary>Bytes came or went.</summary>
    public void Moved(int bytes)
    {
        _moved += bytes;
        if (_moved < _limits.LeastMove) return;
        _moved = 0;
        Restart();
    }

    /// <summary>Begins to wait anew.</summary>
    public void Restart()
    {
        var left = _end is null ? _limits.Patience : TimeSpan.FromMilliseconds(Math.Max(0, _end.Value - Environment.TickCount64));
        _source.CancelAfter(left < _limits.Patience ? left : _limits.Patience);
    }

    /// <summary>What comes now is a document: from now on it has so long in all, however it moves.</summary>
    public void AwaitDocument()
    {
        _end ??= Environment.TickCount64 + (long)_limits.DocumentTime.TotalMilliseconds;
        Restart();
    }

    /// <summary>All went; the registry reads so many bytes again now.</summary>
    public void AwaitCommit(long bytes) => _source.CancelAfter(_limits.Patience + TimeSpan.FromSeconds(bytes / _limits.CommitRate));

    public void Dispose() => _source.Dispose();
}
